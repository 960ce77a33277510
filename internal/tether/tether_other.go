//go:build !linux

package tether

import "syscall"

func onDeathOfParent(*syscall.SysProcAttr, syscall.Signal) {}
