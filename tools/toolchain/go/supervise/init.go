package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	inside = "/run/atlas"
	// How long a component that ended rests before it is started again.
	restBeforeRestart = time.Second
	// How long the next component waits for the one before.
	longestStart = 60 * time.Second
)

// run is the first process of the namespaces: it never returns while the cluster is up.
func run(c config) error {
	if os.Getpid() != 1 {
		return fmt.Errorf("init is for the first process of a PID namespace")
	}
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-ends
		os.Exit(0)
	}()
	if err := syscall.Sethostname([]byte(c.Hostname)); err != nil {
		return err
	}
	if err := mounts(c); err != nil {
		return err
	}
	if err := network(c); err != nil {
		return err
	}
	for i, f := range c.Forwards {
		listener, err := net.FileListener(os.NewFile(uintptr(3+i), f.Name))
		if err != nil {
			return err
		}
		go serve(listener, f.To)
	}
	s := &supervisor{running: map[int]component{}}
	go s.startAll(c.Components)
	go endWithState(filepath.Join(inside, "state", "config.json"))
	s.reap()
	return nil
}

// mounts gives the namespace folders of its own in place of those that Kubernetes writes to wherever it is told to.
func mounts(c config) error {
	steps := []struct {
		source, target, kind string
		flags                uintptr
		data                 string
	}{
		// First away from the machine, so that nothing done here is seen there.
		{"none", "/", "", syscall.MS_REC | syscall.MS_PRIVATE, ""},
		{"proc", "/proc", "proc", syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC, ""},
		{"tmpfs", "/run", "tmpfs", syscall.MS_NOSUID | syscall.MS_NODEV, "mode=0755"},
		{c.State, inside + "/state", "", syscall.MS_BIND | syscall.MS_REC, ""},
		{c.Tools, inside + "/tools", "", syscall.MS_BIND | syscall.MS_REC, ""},
		{inside + "/state/var/lib", "/var/lib", "", syscall.MS_BIND, ""},
		{inside + "/state/var/log", "/var/log", "", syscall.MS_BIND, ""},
	}
	for _, s := range steps {
		if strings.HasPrefix(s.target, inside) {
			if err := os.MkdirAll(s.target, 0o755); err != nil {
				return err
			}
		}
		if err := syscall.Mount(s.source, s.target, s.kind, s.flags, s.data); err != nil {
			return fmt.Errorf("mount %s on %s: %w", s.source, s.target, err)
		}
	}
	// Kubelet sets these for the whole machine, and ends when it cannot. They are files of the namespace instead.
	for name, value := range map[string]string{
		"vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10", "kernel/panic_on_oops": "1",
		"kernel/keys/root_maxkeys": "1000000", "kernel/keys/root_maxbytes": "25000000",
	} {
		if err := cover(filepath.Join("/proc/sys", name), value+"\n"); err != nil {
			return err
		}
	}
	if err := cover("/etc/resolv.conf", "nameserver 10.96.0.10\nsearch svc.cluster.local cluster.local\n"); err != nil {
		return err
	}
	// A machine may look up names that end in .local by multicast only, and those of the cluster do.
	if err := cover("/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"); err != nil {
		return err
	}
	// Volumes whose mounts travel from a container to the node need the node's mounts to be shared.
	return syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_SHARED, "")
}

// cover puts a file of the namespace in the place of a file of the machine; one that is not there is left alone.
func cover(path, text string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil
	}
	own := filepath.Join(inside, "covers", strings.ReplaceAll(strings.Trim(path, "/"), "/", "-"))
	if err := os.MkdirAll(filepath.Dir(own), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(own, []byte(text), 0o644); err != nil {
		return err
	}
	if err := syscall.Mount(own, real, "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("cover %s: %w", path, err)
	}
	return nil
}

// network makes the node's device, a bridge, since any kernel that runs pods has bridges. The default route exists for kubelet
// and kube-proxy, which ask for one; nothing leaves the namespace by it.
func network(c config) error {
	for _, step := range []string{
		"link set lo up",
		"link add node0 type bridge",
		"address add " + c.Address + " dev node0",
		"link set node0 up",
		"route add default dev node0",
	} {
		if out, err := exec.Command("ip", strings.Fields(step)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", step, err, out)
		}
	}
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644)
}

type supervisor struct {
	lock    sync.Mutex
	running map[int]component
}

func (s *supervisor) startAll(components []component) {
	for _, one := range components {
		s.start(one)
		if one.Ready != "" {
			waitFor(one.Ready)
		}
	}
}

// start starts a component, and tries again later when it cannot: one that is missing for good is said to have ended again and again.
func (s *supervisor) start(one component) {
	if err := s.try(one); err != nil {
		log.Printf("%s ended (could not be started: %v), starts again", one.Name, err)
		time.AfterFunc(restBeforeRestart, func() { s.start(one) })
	}
}

func (s *supervisor) try(one component) error {
	output, err := os.OpenFile(filepath.Join(inside, "state", "log", one.Name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer output.Close()
	// Of two values of a variable a process takes the first, so ours come first.
	var environment []string
	for name, value := range one.Env {
		environment = append(environment, name+"="+value)
	}
	environment = append(environment, os.Environ()...)
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	// Held until the pid is written down: the process may end, and be reaped, before that.
	s.lock.Lock()
	defer s.lock.Unlock()
	process, err := os.StartProcess(one.Args[0], one.Args, &os.ProcAttr{
		Dir: "/", Env: environment, Files: []*os.File{null, output, output}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return err
	}
	log.Printf("%s is pid %d here", one.Name, process.Pid)
	s.running[process.Pid] = one
	_ = process.Release()
	return nil
}

// reap waits for every process whose parent has ended, as the first process must, and starts components again.
func (s *supervisor) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if err == syscall.ECHILD {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if err != nil || pid <= 0 {
			continue
		}
		s.lock.Lock()
		one, ours := s.running[pid]
		delete(s.running, pid)
		s.lock.Unlock()
		if !ours {
			continue
		}
		log.Printf("%s ended (status %d, signal %v), starts again", one.Name, status.ExitStatus(), status.Signal())
		time.AfterFunc(restBeforeRestart, func() { s.start(one) })
	}
}

func waitFor(address string) {
	for end := time.Now().Add(longestStart); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			connection.Close()
			return
		}
	}
	log.Printf("%s does not accept connections after %v; going on", address, longestStart)
}

// endWithState ends the cluster when its state was deleted, such as with the checkout that it belongs to.
func endWithState(file string) {
	for range time.Tick(2 * time.Second) {
		if _, err := os.Stat(file); os.IsNotExist(err) {
			log.Printf("%s is gone", file)
			os.Exit(0)
		}
	}
}
