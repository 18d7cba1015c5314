package devstack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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

// Reservation keeps a port from other programs of this user's that reserve theirs, until it is closed.
type Reservation struct{ file *os.File }

// Close frees the port, and leaves nothing behind.
func (r *Reservation) Close() error {
	if r.file == nil {
		return nil
	}
	path := r.file.Name()
	err := errors.Join(os.Remove(path), r.file.Close()) // removed while it is locked: nobody else holds it
	_ = os.Remove(filepath.Dir(path))                   // refused as long as anything is in it
	return err
}

// ReservePort reserves a port: whoever starts side by side chooses another one in the time before anybody listens there.
// It answers nil if the port is reserved already. Where the user's folder is somebody else's nothing is reserved, and
// whoever listens second finds the port taken.
func ReservePort(port int) (*Reservation, error) {
	dir := filepath.Join(os.TempDir(), "kaoping-ports-"+strconv.Itoa(os.Getuid()))
	for {
		reserved, again, err := reservePort(dir, port)
		switch {
		case errors.Is(err, fs.ErrPermission):
			return &Reservation{}, nil
		case err != nil:
			return nil, fmt.Errorf("couldn't reserve port %d: %w", port, err)
		case !again:
			return reserved, nil
		}
	}
}

// reservePort makes one attempt; it is made again if whoever had the port freed it meanwhile.
func reservePort(dir string, port int) (reserved *Reservation, again bool, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, false, err
	}
	file, err := os.OpenFile(filepath.Join(dir, strconv.Itoa(port)), os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	taken, err := tryLock(file)
	if err == nil && !taken && sameFile(file, file.Name()) {
		return &Reservation{file}, false, nil
	}
	return nil, err == nil && !taken, errors.Join(err, file.Close())
}

// listen opens an address of this machine. A context would bound the look-up of a name, and ours are numbers.
func listen(address string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(context.Background(), "tcp", address)
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
