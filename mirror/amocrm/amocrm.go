// Package amocrm asks an amoCRM or Kommo account over its API v4, for mirror.
package amocrm
