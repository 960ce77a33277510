package blank_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/blank"
)

func TestTextsThatShowAsNothingAreBlank(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "\u3164", "\u115f\u1160", "\uffa0", "\u200b\u200d", "\u2800", "\ufeff \u00ad", "\u034f", "\ufe0f", "\U000e0041", "\u0301",
	} {
		require.True(t, blank.Text(text), "%q", text)
	}
	for _, text := range []string{"a", "민지", "ज", "7", "-", "☕\ufe0f", "\u3164a"} {
		require.False(t, blank.Text(text), "%q", text)
	}
}

func TestCharactersThatShowAsNothingAreBlank(t *testing.T) {
	t.Parallel()
	for _, r := range "\u3164\u115f\u1160\uffa0\u200b\u200d\u2800\ufeff\u00ad\u034f\ufe0f\U000e0041\u17b4" {
		require.True(t, blank.Character(r), "%U", r)
	}
	for _, r := range "a민ज7 -\u0301" {
		require.False(t, blank.Character(r), "%U", r)
	}
}
