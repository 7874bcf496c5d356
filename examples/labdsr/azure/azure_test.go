package azure_test

import (
	"os"
	"testing"

	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

func TestMain(m *testing.M) { os.Exit(azuretest.Main(m)) }
