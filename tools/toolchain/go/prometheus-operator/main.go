//go:build tools

// Names the commands that this module builds, which `go install` refuses for the replacements in their own go.mod.
package main

import (
	_ "github.com/prometheus-operator/prometheus-operator/cmd/operator"
	_ "github.com/prometheus-operator/prometheus-operator/cmd/prometheus-config-reloader"
)
