package devstack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// freePort picks a port of this machine that nobody listens on. It stays below the range from which systems take
// the ports of outgoing connections (Linux: from 32768): a server that is down for a restart must find its own
// port free again.
func freePort() (int, error) {
	for range 100 {
		port := 20000 + rand.IntN(12000)
		listener, err := listen(loopback(port))
		if err != nil {
			continue
		}
		return port, listener.Close()
	}
	return 0, errors.New("couldn't find a free port between 20000 and 32000")
}

// ReservePort keeps a port from other programs that reserve theirs, until the file is closed: whoever starts side by side
// chooses another one in the time before anybody listens there. It answers nil if the port is reserved already.
func ReservePort(port int) (*os.File, error) {
	dir := filepath.Join(os.TempDir(), "kaoping-ports")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("couldn't reserve port %d: %w", port, err)
	}
	file, err := os.OpenFile(filepath.Join(dir, strconv.Itoa(port)), os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, os.ErrPermission) {
		return nil, nil //nolint:nilnil // another user's: taken
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't reserve port %d: %w", port, err)
	}
	taken, err := tryLock(file)
	if err != nil || taken {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// listen opens an address of this machine. A context would bound the look-up of a name, and ours are numbers.
func listen(address string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(context.Background(), "tcp", address)
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
