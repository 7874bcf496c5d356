package anonymize_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestTermsGiveThePolicyBack(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	tests := map[string]*anonymize.Policy{
		"Nil":  nil,
		"Zero": {},
		"All": {
			Retention: 36*time.Hour + time.Nanosecond, Zone: berlin, KeepUnreadableDates: true, DeleteStale: true,
			Replacement: identity.TokenReplacement, Names: true,
		},
		"Pseudonyms": {Replacement: identity.PseudonymReplacement},
	}
	for name, policy := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(policy.Terms())
			require.NoError(t, err)
			var terms anonymize.Terms
			require.NoError(t, json.Unmarshal(text, &terms))
			read, err := terms.Policy()
			require.NoError(t, err)
			assert.Equal(t, policy.Terms(), read.Terms())
			at := time.Date(2025, 3, 30, 2, 30, 0, 0, time.UTC)
			assert.Equal(t, policy.DueAt(at), read.DueAt(at))
			if policy != nil {
				for _, value := range []any{policy, *policy} {
					whole, err := json.Marshal(value)
					require.NoError(t, err)
					assert.JSONEq(t, string(text), string(whole))
				}
			}
		})
	}
	assert.JSONEq(t, `{"retention":"720h0m0s","zone":"UTC","keepUnreadableDates":false,"deleteStale":false,"replacement":"constant",
		"names":false,"anonymous":false,"holds":0,"requests":0,"decisions":0}`, string(must(json.Marshal((*anonymize.Policy)(nil).Terms()))))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestTermsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*anonymize.Terms){
		"NoRetention":       func(t *anonymize.Terms) { t.Retention = "" },
		"ZeroRetention":     func(t *anonymize.Terms) { t.Retention = "0s" },
		"NegativeRetention": func(t *anonymize.Terms) { t.Retention = "-1s" },
		"Zone":              func(t *anonymize.Terms) { t.Zone = "alice@example.org" },
		"FileAsZone":        func(t *anonymize.Terms) { t.Zone = "../../etc/passwd" },
		"LocalZone":         func(t *anonymize.Terms) { t.Zone = "Local" },
		"NoZone":            func(t *anonymize.Terms) { t.Zone = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terms := (&anonymize.Policy{}).Terms()
			change(&terms)
			_, err := terms.Policy()
			require.ErrorIs(t, err, anonymize.ErrPolicy)
			assert.NotContains(t, err.Error(), "alice")
		})
	}
}

// What is written down of a policy tells that there are holds, requests, decisions
// and a key, and nothing of them.
func TestTermsHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	const canary = "canary-7731"
	key, err := identity.NewSecretKey([]byte(strings.Repeat(canary, 4)))
	require.NoError(t, err)
	id, err := identity.Parse(canary + "@example.org")
	require.NoError(t, err)
	policy := &anonymize.Policy{
		Key: key, Replacement: identity.PseudonymReplacement,
		Holds:     []anonymize.Hold{{Reason: canary}, {}},
		Requests:  []anonymize.Request{{Kind: anonymize.Erase, Identifier: id}, {}, {}},
		Decisions: []anonymize.Decision{{}},
		Anonymous: func(string) bool { return false },
	}
	text, err := json.Marshal(policy)
	require.NoError(t, err)
	assert.NotContains(t, string(text), canary)
	for _, part := range []string{`"holds":2`, `"requests":3`, `"decisions":1`, `"anonymous":true`, `"replacement":"pseudonym"`} {
		assert.Contains(t, string(text), part)
	}
}
