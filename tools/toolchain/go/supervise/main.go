// supervise starts the processes of a cluster in namespaces of their own and keeps them running.
//
//	supervise pki CONFIG     writes the certificates and kubeconfigs that are not there yet
//	supervise start CONFIG   starts the first process of the namespaces, prints its pid and ports as JSON, and ends
//	supervise init CONFIG    is that first process
//
// When the first process of a PID namespace ends, for whatever reason, the kernel kills every other one in it, and with the
// last process go the mounts and the network devices of its namespaces. So one kill ends a cluster, and nothing is left.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// config is what tools/cluster writes.
type config struct {
	// Hostname is the name of the node.
	Hostname string `json:"hostname"`
	// State and Tools are the folders on the machine that are seen as /run/atlas/state and /run/atlas/tools.
	State string `json:"state"`
	Tools string `json:"tools"`
	// Address is the node's address with the length of its prefix.
	Address string `json:"address"`
	// Forwards are ports of the machine's loopback that lead to addresses inside: name to address; "proxy" leads anywhere.
	Forwards []forward `json:"forwards"`
	// Components start in this order, each when the one before accepts connections.
	Components []component `json:"components"`
	// Certificates of the cluster, and names and addresses of its API server.
	Names     []string `json:"names"`
	Addresses []string `json:"addresses"`
}

type forward struct {
	Name string `json:"name"`
	// To is an address inside, or empty for a proxy that is told where to by CONNECT.
	To string `json:"to"`
	// Port is the wanted port of the machine's loopback; 0 for any.
	Port int `json:"port"`
}

type component struct {
	Name string            `json:"name"`
	Args []string          `json:"args"`
	Env  map[string]string `json:"env"`
	// Ready is the address that accepts connections when it has started.
	Ready string `json:"ready"`
}

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: supervise pki|start|init CONFIG"))
	}
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		fail(err)
	}
	var c config
	if err := json.Unmarshal(text, &c); err != nil {
		fail(fmt.Errorf("%s: %w", os.Args[2], err))
	}
	switch os.Args[1] {
	case "pki":
		err = writeCertificates(c)
	case "start":
		err = start(c, os.Args[2])
	case "init":
		err = run(c)
	default:
		err = fmt.Errorf("%s is not pki, start or init", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "supervise: %v\n", err)
	os.Exit(1)
}
