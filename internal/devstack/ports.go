package devstack

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
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

// listen opens an address of this machine. A context would bound the look-up of a name, and ours are numbers.
func listen(address string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(context.Background(), "tcp", address)
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
