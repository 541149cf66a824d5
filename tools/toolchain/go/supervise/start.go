package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// start listens on the machine's loopback and hands the sockets to the first process of new namespaces: a socket stays in the
// network that it was made in, so whoever is outside reaches the cluster without a process in between.
func start(c config, path string) error {
	ports := map[string]int{}
	var files []*os.File
	for _, f := range c.Forwards {
		listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(f.Port)))
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		ports[f.Name] = listener.Addr().(*net.TCPAddr).Port
		file, err := listener.(*net.TCPListener).File()
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	log, err := os.OpenFile(filepath.Join(c.State, "log", "supervise.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// The path of the config in the command line is how tools/cluster finds the process again.
	command := exec.Command(self, "init", path)
	command.Stdout, command.Stderr = log, log
	command.ExtraFiles = files
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{
		Setsid:     true,
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("namespaces could not be made (this needs root): %w", err)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"pid": command.Process.Pid, "ports": ports})
}
