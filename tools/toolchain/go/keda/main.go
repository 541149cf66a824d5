//go:build tools

// Names the commands that this module builds, which `go install` refuses for the replacement in their own go.mod.
package main

import (
	_ "github.com/kedacore/keda/v2/cmd/adapter"
	_ "github.com/kedacore/keda/v2/cmd/operator"
	_ "github.com/kedacore/keda/v2/cmd/webhooks"
)
