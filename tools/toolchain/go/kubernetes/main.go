// Every component of Kubernetes, etcd and kubectl in one binary: the first argument (or the name it is called by) says which.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func main() {
	if component(filepath.Base(os.Args[0])) == nil {
		if len(os.Args) < 2 || component(os.Args[1]) == nil {
			fmt.Fprintln(os.Stderr, "usage: kubernetes etcd|kube-apiserver|kube-controller-manager|kube-scheduler|kube-proxy|kubelet|kubectl [flags]")
			os.Exit(2)
		}
		os.Args = os.Args[1:]
	}
	component(filepath.Base(os.Args[0]))()
}

// component is the main function of a component; nil when there is none of this name.
func component(name string) func() {
	serve := func(command func() *cobra.Command) func() {
		return func() { os.Exit(cli.Run(command())) }
	}
	switch name {
	case "etcd":
		return func() { etcdmain.Main(os.Args) }
	case "kube-apiserver":
		return serve(func() *cobra.Command { return apiserver.NewAPIServerCommand() })
	case "kube-controller-manager":
		return serve(func() *cobra.Command { return controllers.NewControllerManagerCommand() })
	case "kube-scheduler":
		return serve(func() *cobra.Command { return scheduler.NewSchedulerCommand() })
	case "kube-proxy":
		return serve(func() *cobra.Command { return proxy.NewProxyCommand() })
	case "kubelet":
		return serve(func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) })
	case "kubectl":
		return func() {
			if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
				kubectlutil.CheckErr(err)
			}
		}
	}
	return nil
}
