package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"syscall"

	"github.com/apache/beam/sdks/v2/go/container/tools"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/grpcx"
)

// isBoot reports whether a runner started this program as the command of a PROCESS
// environment.
func isBoot(args []string) bool {
	for _, arg := range args {
		if strings.HasPrefix(arg, "--provision_endpoint=") {
			return true
		}
	}
	return false
}

// useSelf makes this program that of workers in processes of their own, unless another one
// was named. Otherwise Beam would build one, which takes a minute.
func useSelf() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if *jobopts.WorkerBinary == "" {
		*jobopts.WorkerBinary = self
	}
	if strings.EqualFold(*jobopts.EnvironmentType, "process") && *jobopts.EnvironmentConfig == "" {
		config, err := json.Marshal(map[string]string{"command": self})
		*jobopts.EnvironmentConfig = string(config)
		return err
	}
	return nil
}

// boot becomes a worker: it asks the runner for what a worker needs to know, and is then
// started again with it. It does what the boot program of a container of Beam does, but
// for downloading this program.
func boot(ctx context.Context, args []string) error {
	var id, endpoint string
	for _, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--id="); ok {
			id = strings.Trim(value, "'") // prism quotes it as for a shell, and there is none
		}
		if value, ok := strings.CutPrefix(arg, "--provision_endpoint="); ok {
			endpoint = value
		}
	}
	info, err := tools.ProvisionInfo(grpcx.WriteWorkerID(ctx, id), endpoint)
	if err != nil {
		return err
	}
	options, err := tools.ProtoToJSON(info.GetPipelineOptions())
	if err != nil {
		return err
	}
	if err := os.Setenv("RUNNER_CAPABILITIES", strings.Join(info.GetRunnerCapabilities(), " ")); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	control, logging := info.GetControlEndpoint().GetUrl(), info.GetLoggingEndpoint().GetUrl()
	if control == "" {
		control = endpoint
	}
	if logging == "" {
		logging = endpoint
	}
	if control == "" {
		return errors.New("the runner does not say where it is")
	}
	return syscall.Exec(self, []string{
		self, "--worker=true", "--id=" + id, "--control_endpoint=" + control, "--logging_endpoint=" + logging, "--options=" + options,
	}, os.Environ())
}
