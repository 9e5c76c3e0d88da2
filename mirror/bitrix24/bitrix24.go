// Package bitrix24 asks a Bitrix24 portal over its REST API, for mirror.
package bitrix24
