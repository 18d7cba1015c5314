// Package attributes makes a Temporal server know the search attributes of Kaoping's workflows, by which Temporal's own
// pages show where a year stands.
package attributes

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/kaoping/kaoping/workflows"
)

const (
	// patience is how long a server may take to learn an attribute, pause how often it is asked meanwhile.
	patience = time.Minute
	pause    = 200 * time.Millisecond
)

// Kinds are the attributes with their types, as Temporal writes them.
func Kinds() map[string]string {
	kinds := map[string]string{}
	for _, name := range workflows.SearchAttributes() {
		kinds[name] = enums.INDEXED_VALUE_TYPE_KEYWORD.String()
	}
	return kinds
}

// Register adds the attributes that the server does not know yet, and returns when it knows all. Where adding is not
// permitted but nothing has to be added, that is no fault.
func Register(ctx context.Context, temporal client.Client, namespace string) error {
	missing, err := Missing(ctx, temporal)
	if err != nil || len(missing) == 0 {
		return err
	}
	request := &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: map[string]enums.IndexedValueType{}}
	for _, name := range missing {
		request.SearchAttributes[name] = enums.INDEXED_VALUE_TYPE_KEYWORD
	}
	var already *serviceerror.AlreadyExists
	if _, err := temporal.OperatorService().AddSearchAttributes(ctx, request); err != nil && !errors.As(err, &already) {
		return fmt.Errorf("couldn't register search attributes; have the server's administrator add %s, each a Keyword: %w",
			strings.Join(missing, ", "), err)
	}
	return await(ctx, temporal)
}

// await asks until the server knows all: it tells its parts one after the other.
func await(ctx context.Context, temporal client.Client) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		missing, err := Missing(ctx, temporal)
		if err != nil || len(missing) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("search attributes %s are registered, but Temporal does not know them: %w", strings.Join(missing, ", "), ctx.Err())
		case <-ticker.C:
		}
	}
}

// Missing are the attributes that the server can't be asked by.
func Missing(ctx context.Context, temporal client.Client) ([]string, error) {
	var missing []string
	for _, name := range workflows.SearchAttributes() {
		_, err := temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: "`" + name + "` IS NULL"})
		var unknown *serviceerror.InvalidArgument
		switch {
		case errors.As(err, &unknown):
			missing = append(missing, name)
		case err != nil:
			return nil, fmt.Errorf("couldn't ask Temporal by search attribute %s: %w", name, err)
		}
	}
	return missing, nil
}
