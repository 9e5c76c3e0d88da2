// Package ui holds the built browser application; `npm run build` in this
// folder fills dist/.
package ui

import "embed"

// Files has the build under dist/; without a build it holds only a marker.
//
//go:embed all:dist
var Files embed.FS
