package attributes

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/workflows"
)

func dial(t *testing.T, address string, options ...grpc.DialOption) client.Client {
	t.Helper()
	temporal, err := client.DialContext(t.Context(), client.Options{
		HostPort: address, ConnectionOptions: client.ConnectionOptions{DialOptions: options},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(temporal.Close)
	return temporal
}

// forbidding is a server whose administrator lets nobody else add search attributes.
func forbidding(ctx context.Context, method string, request, reply any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	if strings.HasSuffix(method, "/AddSearchAttributes") {
		return status.Error(codes.PermissionDenied, "not for you")
	}
	return invoke(ctx, method, request, reply, connection, options...)
}

func TestRegister(t *testing.T) {
	t.Parallel()
	server, err := devstack.StartTemporal(t.Context(), devstack.Settings{Dir: filepath.Join(t.TempDir(), "state"), FsyncOff: true},
		devstack.TemporalOptions{Headless: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	temporal, forbidden := dial(t, server.Address()), dial(t, server.Address(), grpc.WithChainUnaryInterceptor(forbidding))

	missing, err := Missing(t.Context(), temporal)
	if err != nil || !slices.Equal(missing, workflows.SearchAttributes()) {
		t.Fatalf("a new server lacks %v (%v), want %v", missing, err, workflows.SearchAttributes())
	}
	err = Register(t.Context(), forbidden, "default")
	if err == nil || !strings.Contains(err.Error(), "KaopingAuthority, KaopingYear, KaopingPhase, KaopingUnit, each a Keyword") {
		t.Errorf("where it is not permitted: %v, want what to add", err)
	}

	var several errgroup.Group // several migrations at once
	for range 3 {
		several.Go(func() error { return Register(t.Context(), temporal, "default") })
	}
	if err := several.Wait(); err != nil {
		t.Fatal(err)
	}
	if missing, err := Missing(t.Context(), temporal); err != nil || len(missing) > 0 {
		t.Errorf("after registering it lacks %v (%v)", missing, err)
	}
	if err := Register(t.Context(), forbidden, "default"); err != nil {
		t.Errorf("where nothing is to be added: %v", err)
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	kinds := Kinds()
	if len(kinds) != 4 || kinds["KaopingPhase"] != "Keyword" {
		t.Errorf("kinds are %v", kinds)
	}
}
