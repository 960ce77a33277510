package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// loopback is where the services talk to each other. Nothing outside the
// process has business there, whatever --ip says.
const loopback = "127.0.0.1"

// claimPorts checks the ports that were asked for and fills in a free one where
// none was. The libraries open the sockets themselves and end the process if
// they cannot; looking first gives a sentence that says what to do instead.
func (o *options) claimPorts() error {
	if o.port == 0 {
		port, err := freePort(o.ip)
		if err != nil {
			return err
		}
		o.port = port
	} else if err := checkPort(o.ip, o.port, "--port"); err != nil {
		return err
	}
	if o.uiPort == 0 {
		return nil
	}
	return checkPort(o.ip, o.uiPort, "--ui-port")
}

func checkPort(ip string, port int, flagName string) error {
	listener, err := net.Listen("tcp", hostPort(ip, port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d on %s is already in use; stop what uses it or choose another with %s", port, ip, flagName)
	}
	if err != nil {
		return fmt.Errorf("cannot listen on port %d of %s (%s): %w", port, ip, flagName, err)
	}
	return listener.Close()
}

// freePort returns a port that stays free until it is used. A connection is
// opened and closed on it from the listening side, which leaves the port in
// TIME_WAIT: the kernel then gives it to nobody who asks for just any port,
// while a listener that names it may have it. Without this, two servers started
// together can be handed the same port.
func freePort(ip string) (port int, err error) {
	listener, err := net.Listen("tcp", hostPort(ip, 0))
	if err != nil {
		return 0, fmt.Errorf("find a free port on %s: %w", ip, err)
	}
	defer func() { err = errors.Join(err, listener.Close()) }()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("find a free port on %s: %v is not a TCP address", ip, listener.Addr())
	}
	port = address.Port

	client, err := net.Dial("tcp", hostPort(dialable(ip), port))
	if err != nil {
		return 0, fmt.Errorf("hold port %d on %s: %w", port, ip, err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		return 0, errors.Join(fmt.Errorf("hold port %d on %s: %w", port, ip, err), client.Close())
	}
	return port, errors.Join(accepted.Close(), client.Close())
}

func hostPort(ip string, port int) string {
	return net.JoinHostPort(ip, strconv.Itoa(port))
}

// dialable turns a listening address into one that can be connected to: the
// unspecified address means "every interface" only to a listener.
func dialable(ip string) string {
	if net.ParseIP(ip).IsUnspecified() {
		return loopback
	}
	return ip
}
