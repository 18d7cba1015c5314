package devstack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
)

const namespace = "default"

// answers tells whether the server is healthy and knows every search attribute well enough to be asked by it.
func (t *Temporal) answers(ctx context.Context) error {
	c, err := client.DialContext(ctx, client.Options{
		HostPort: t.Address(), Namespace: namespace,
		Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return err
	}
	if err := t.registerMissing(ctx, c.OperatorService()); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(t.options.SearchAttributes)) {
		// Quoted, for Year and the like are words of the query language too.
		_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: "`" + name + "` IS NULL"})
		if err != nil {
			return fmt.Errorf("search attribute %s isn't known yet: %w", name, err)
		}
	}
	return nil
}

// registerMissing adds the attributes that a store of an earlier start lacks: the program registers them in a new
// store only.
func (t *Temporal) registerMissing(ctx context.Context, operator operatorservice.OperatorServiceClient) error {
	known, err := operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return err
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name, kind := range t.options.SearchAttributes {
		if _, ok := known.CustomAttributes[name]; ok {
			continue
		}
		value, err := enumspb.IndexedValueTypeFromString(kind)
		if err != nil {
			return fmt.Errorf("couldn't register search attribute %s: %w", name, err)
		}
		missing[name] = value
	}
	if len(missing) == 0 {
		return nil
	}
	request := &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing}
	if _, err := operator.AddSearchAttributes(ctx, request); err != nil {
		return errors.Join(errors.New("couldn't register search attributes"), err)
	}
	return nil
}
