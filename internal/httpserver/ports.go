package httpserver

import (
	"context"
	"fmt"
	"net"
	"strconv"
)

// Loopback is the address of this machine that no other can reach.
const Loopback = "127.0.0.1"

// CheckPort makes sure that a port on this machine can be listened on, so that
// a taken one is told before anything slow starts. Port 0 asks for no certain
// one.
func CheckPort(ctx context.Context, flagName string, port int) error {
	if port < 0 || port > 65535 {
		return fmt.Errorf("%s %d is not a port, want 0 to 65535", flagName, port)
	}
	addr := net.JoinHostPort(Loopback, strconv.Itoa(port))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return listenError(flagName, addr, err)
	}
	return listener.Close()
}

// PortOf returns the port of an address, 0 when it has none.
func PortOf(addr string) int {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return 0
	}
	return n
}
