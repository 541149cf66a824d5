//go:build tools

// Names the command that this module builds, which `go install` refuses for the replacements in its own go.mod.
package main

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
