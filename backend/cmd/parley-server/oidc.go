package main

import (
	"errors"
	"fmt"
	"os"

	"parley/backend/chat"
	"parley/backend/oidc"
	"parley/backend/server"
)

// oidcFlags name the OpenID provider of single sign-on.
type oidcFlags struct {
	Issuer           string `placeholder:"URL" help:"Let people sign in at this OpenID provider, too. It must know CLIENT-ID with the redirect address PUBLIC-URL/v1/sso/callback."`
	ClientID         string `placeholder:"ID" help:"Our client id there."`
	ClientSecret     string `placeholder:"SECRET" help:"Our secret there; better given in the environment, or as a file."`
	ClientSecretFile string `placeholder:"FILE" help:"Read our secret there from the first line of this file."`
	Name             string `placeholder:"TEXT" help:"What people read on the button: Sign in with TEXT."`
	Claim            string `default:"preferred_username" placeholder:"CLAIM" help:"The claim that holds the sign-in name. With email, the address must be a verified one."`
	Create           string `placeholder:"ROLE" enum:",agent,supervisor,expert" default:"" help:"Make an account with this role (agent, supervisor or expert) for whom the provider knows and Parley does not; without it they are refused."`
}

func (f *oidcFlags) validate() error {
	switch {
	case f.Issuer == "" && f.ClientID == "":
		return nil
	case f.Issuer == "" || f.ClientID == "":
		return errors.New("--oidc-issuer and --oidc-client-id belong together")
	case f.ClientSecret != "" && f.ClientSecretFile != "":
		return errors.New("either --oidc-client-secret or --oidc-client-secret-file, not both")
	}
	return nil
}

// open returns single sign-on as the flags say; nil if they name no provider.
func (f *oidcFlags) open() (*server.SSO, error) {
	if f.Issuer == "" {
		return nil, nil
	}
	secret := f.ClientSecret
	if f.ClientSecretFile != "" {
		raw, err := os.ReadFile(f.ClientSecretFile)
		if err != nil {
			return nil, fmt.Errorf("read the secret of single sign-on: %w", err)
		}
		if secret, err = firstLine(string(raw)); err != nil {
			return nil, fmt.Errorf("read the secret of single sign-on from %s: %w", f.ClientSecretFile, err)
		}
	}
	provider, err := oidc.New(oidc.Options{Issuer: f.Issuer, ClientID: f.ClientID, ClientSecret: secret, Claim: f.Claim})
	if err != nil {
		return nil, fmt.Errorf("single sign-on: %w", err)
	}
	return &server.SSO{Provider: provider, Name: f.Name, Create: chat.Role(f.Create)}, nil
}
