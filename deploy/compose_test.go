// Package deploy_test loads docker-compose.yml as Docker Compose does and checks what an installation relies on: pinned
// images, secrets without defaults, ports that nobody publishes by accident, settings that the programs know, and the
// tables of README.md and README.zh.md.
package deploy_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

const root = ".."

// settings are the names that worker and starter read, the contract of README's table "Settings".
var settings = []string{
	"DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "SMTP_URL", "MAIL_FROM", "EVIDENCE_URL",
	"PORTAL_ADDRESS", "OIDC_ISSUER", "OIDC_CLIENT", "OIDC_SECRET", "PUBLIC_ADDRESS", "OPERATIONS_ADDRESS", "PORTAL_URL", "PUBLIC_URL", "TRUSTED_PROXIES",
	"PUBLIC_DATABASE_URL", "PUBLIC_RATE", "PUBLIC_WORK", "SIGNING_KEY_FILE",
}

// load reads docker-compose.yml with every profile, strictly: unknown keys and unset required variables are errors.
func load(t *testing.T, environment map[string]string) (*types.Project, error) {
	t.Helper()
	pairs := []string{}
	for name, value := range environment {
		pairs = append(pairs, name+"="+value)
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithEnv(pairs), cli.WithProfiles([]string{"*"}), cli.WithConsistency(true))
	if err != nil {
		t.Fatalf("couldn't set the options: %v", err)
	}
	return options.LoadProject(t.Context())
}

func project(t *testing.T) *types.Project {
	t.Helper()
	loaded, err := load(t, filledIn(t))
	if err != nil {
		t.Fatalf("docker-compose.yml does not load: %v", err)
	}
	return loaded
}

// variables are those that docker-compose.yml takes from .env.
func variables(t *testing.T) map[string]template.Variable {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithInterpolation(false), cli.WithNormalization(false), cli.WithConsistency(false))
	if err != nil {
		t.Fatalf("couldn't set the options: %v", err)
	}
	model, err := options.LoadModel(t.Context())
	if err != nil {
		t.Fatalf("docker-compose.yml does not load uninterpolated: %v", err)
	}
	return template.ExtractVariables(model, nil)
}

func filledIn(t *testing.T) map[string]string {
	t.Helper()
	environment := map[string]string{}
	for name, variable := range variables(t) {
		if variable.Required {
			environment[name] = "filled-in"
		}
	}
	return environment
}

func TestServices(t *testing.T) {
	t.Parallel()
	compose := project(t)
	if diff := cmp.Diff([]string{
		"mailpit", "migrate", "postgres", "public", "starter", "temporal", "temporal-namespace",
		"temporal-schema", "temporal-ui", "worker",
	}, compose.ServiceNames()); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	for name, service := range compose.Services {
		want := map[string][]string{"mailpit": {"trial"}, "starter": {"operate"}}[name]
		if !slices.Equal(service.Profiles, want) {
			t.Errorf("%s is in profiles %v, want %v", name, service.Profiles, want)
		}
	}
}

func TestRequiredVariables(t *testing.T) {
	t.Parallel()
	for name := range filledIn(t) {
		environment := filledIn(t)
		delete(environment, name)
		_, err := load(t, environment)
		if err == nil {
			t.Errorf("without %s it loads", name)
		} else if !strings.Contains(err.Error(), name) {
			t.Errorf("without %s the refusal does not name it: %v", name, err)
		}
	}
}

// Whoever copies .env.example finds every variable there: the required ones to fill in, the others commented out with their defaults.
func TestEnvExample(t *testing.T) {
	t.Parallel()
	text := read(t, ".env.example")
	got := map[string]template.Variable{}
	for _, match := range regexp.MustCompile(`(?m)^(#?)([A-Z_]+)=(.*)$`).FindAllStringSubmatch(text, -1) {
		got[match[2]] = template.Variable{Name: match[2], Required: match[1] == "", DefaultValue: match[3]}
	}
	want := variables(t)
	// Its default is a place on the volume that nobody has to know.
	want["EVIDENCE_URL"] = template.Variable{Name: "EVIDENCE_URL"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf(".env.example (-docker-compose.yml +.env.example):\n%s", diff)
	}
}

func TestSecretsHaveNoDefault(t *testing.T) {
	t.Parallel()
	secrets := 0
	for name, variable := range variables(t) {
		if !strings.Contains(name, "PASSWORD") && name != "SMTP_URL" {
			continue
		}
		secrets++
		if !variable.Required || variable.DefaultValue != "" {
			t.Errorf("%s has a default: %+v", name, variable)
		}
	}
	if secrets != 6 {
		t.Errorf("%d secrets, want 6", secrets)
	}
	// A password written down in the file itself would not be a variable at all.
	for name, service := range project(t).Services {
		for key, value := range service.Environment {
			secret := strings.Contains(key, "PASSWORD") || strings.HasSuffix(key, "_PWD") || key == "DATABASE_URL"
			if secret && !strings.Contains(*value, "filled-in") {
				t.Errorf("%s: %s does not come from .env", name, key)
			}
		}
	}
}

func TestSettingsAreKnown(t *testing.T) {
	t.Parallel()
	services := project(t).Services
	for _, name := range []string{"migrate", "worker", "public", "starter"} {
		for key := range services[name].Environment {
			if !slices.Contains(settings, key) {
				t.Errorf("%s is given %s, which is no setting", name, key)
			}
		}
	}
	if owner := *services["migrate"].Environment["DATABASE_URL"]; !strings.HasPrefix(owner, "postgres://kaoping_owner:") {
		t.Errorf("the migration connects as %s", owner)
	}
	if user := *services["worker"].Environment["DATABASE_URL"]; !strings.HasPrefix(user, "postgres://kaoping:") {
		t.Errorf("the worker connects as %s", user)
	}
	if voters := services["public"].Environment; voters["DATABASE_URL"] != nil || !strings.HasPrefix(*voters["PUBLIC_DATABASE_URL"], "postgres://kaoping_voters:") {
		t.Errorf("the pages for the public connect as %v", voters)
	}
	evidence := "file:///var/lib/kaoping/evidence?no_tmp_dir=true"
	if got := *services["worker"].Environment["EVIDENCE_URL"]; got != evidence {
		t.Errorf("EVIDENCE_URL is %s, want %s", got, evidence)
	}
}

var pinned = regexp.MustCompile(`^[a-z0-9./-]+:v?[0-9]+\.[0-9]+(\.[0-9]+)?(-[a-z0-9.]+)?$`)

func TestImagesArePinned(t *testing.T) {
	t.Parallel()
	for name, service := range project(t).Services {
		if !pinned.MatchString(service.Image) {
			t.Errorf("%s: image %q names no version", name, service.Image)
		}
	}
	for _, image := range baseImages(t) {
		if !pinned.MatchString(image) {
			t.Errorf("Dockerfile: image %q names no version", image)
		}
	}
}

func baseImages(t *testing.T) []string {
	t.Helper()
	images := []string{}
	for _, match := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(read(t, "Dockerfile"), -1) {
		images = append(images, match[1])
	}
	return images
}

// oneShots end when their work is done: others wait for that, or a person runs them.
func oneShots(compose *types.Project) map[string]bool {
	found := map[string]bool{"starter": true}
	for _, service := range compose.Services {
		for name, dependency := range service.DependsOn {
			if dependency.Condition == types.ServiceConditionCompletedSuccessfully {
				found[name] = true
			}
		}
	}
	return found
}

func TestHealth(t *testing.T) {
	t.Parallel()
	compose := project(t)
	once := oneShots(compose)
	if diff := cmp.Diff([]string{"migrate", "starter", "temporal-namespace", "temporal-schema"},
		slices.Sorted(maps.Keys(once))); diff != "" {
		t.Errorf("one-shots (-want +got):\n%s", diff)
	}
	for name, service := range compose.Services {
		switch {
		case once[name] && service.Restart == "unless-stopped":
			t.Errorf("%s would start again and again", name)
		case !once[name] && (service.HealthCheck == nil || service.HealthCheck.Disable || len(service.HealthCheck.Test) < 2):
			t.Errorf("%s has no health check", name)
		case !once[name] && service.Restart != "unless-stopped":
			t.Errorf("%s stays down after a crash: restart is %q", name, service.Restart)
		}
		for on, dependency := range service.DependsOn {
			if !once[on] && dependency.Condition != types.ServiceConditionHealthy {
				t.Errorf("%s starts before %s is healthy", name, on)
			}
		}
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	services := project(t).Services
	for name, want := range map[string][]string{
		"temporal":           {"postgres", "temporal-schema"},
		"temporal-namespace": {"temporal"},
		"migrate":            {"postgres", "temporal-namespace"},
		"worker":             {"migrate", "postgres", "temporal"},
		"public":             {"migrate", "postgres"},
	} {
		if got := slices.Sorted(maps.Keys(services[name].DependsOn)); !slices.Equal(got, want) {
			t.Errorf("%s waits for %v, want %v", name, got, want)
		}
	}
}

func TestConfined(t *testing.T) {
	t.Parallel()
	for name, service := range project(t).Services {
		if !slices.Equal(service.CapDrop, []string{"ALL"}) {
			t.Errorf("%s keeps capabilities: cap_drop is %v", name, service.CapDrop)
		}
		if len(service.CapAdd) > 0 && name != "postgres" {
			t.Errorf("%s adds capabilities: %v", name, service.CapAdd)
		}
		if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may gain privileges", name)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q", name, port.Published, port.HostIP)
			}
		}
	}
}

func TestMountedFilesExist(t *testing.T) {
	t.Parallel()
	mounted := 0
	for name, service := range project(t).Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			mounted++
			if _, err := os.Stat(volume.Source); err != nil || !volume.ReadOnly {
				t.Errorf("%s mounts %s: read only %v, %v", name, volume.Source, volume.ReadOnly, err)
			}
		}
		for _, argument := range service.Entrypoint {
			script, isScript := strings.CutPrefix(argument, "/deploy/")
			if _, err := os.Stat(filepath.Join("temporal", script)); isScript && err != nil {
				t.Errorf("%s runs %s: %v", name, argument, err)
			}
		}
	}
	if mounted == 0 {
		t.Error("no file is mounted")
	}
}

func TestDockerfileRunsAsNobodySpecial(t *testing.T) {
	t.Parallel()
	text := read(t, "Dockerfile")
	last := text[strings.LastIndex(text, "FROM "):]
	users := regexp.MustCompile(`(?m)^USER (\S+)`).FindAllStringSubmatch(last, -1)
	if len(users) != 1 || users[0][1] != "kaoping" {
		t.Errorf("the image runs as %v", users)
	}
	if !strings.Contains(text, "./starter ./worker") {
		t.Error("the image does not hold both programs")
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatalf("couldn't read %s: %v", name, err)
	}
	return string(content)
}
