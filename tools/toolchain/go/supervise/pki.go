package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// writeCertificates writes a certificate authority and what it signs, once: a folder with everything is left as it is.
func writeCertificates(c config) error {
	folder := filepath.Join(c.State, "pki")
	if _, err := os.Stat(filepath.Join(folder, "complete")); err == nil {
		return nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	authorityKey, err := newKey()
	if err != nil {
		return err
	}
	authority := template(pkix.Name{CommonName: "atlas"})
	authority.IsCA = true
	authority.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	if err := write(folder, "ca", authority, authority, authorityKey, authorityKey); err != nil {
		return err
	}
	for _, one := range []struct{ name, user, group string }{
		{"admin", "atlas-admin", "system:masters"},
		{"apiserver-kubelet", "atlas-apiserver", "system:masters"},
		{"kubelet", "system:node:" + c.Hostname, "system:nodes"},
		{"controller-manager", "system:kube-controller-manager", ""},
		{"scheduler", "system:kube-scheduler", ""},
		{"kube-proxy", "system:kube-proxy", ""},
		{"front-proxy", "front-proxy", ""},
	} {
		subject := pkix.Name{CommonName: one.user}
		if one.group != "" {
			subject.Organization = []string{one.group}
		}
		certificate := template(subject)
		certificate.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		if err := writeSigned(folder, one.name, certificate, authority, authorityKey); err != nil {
			return err
		}
	}
	server := template(pkix.Name{CommonName: "kube-apiserver"})
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.DNSNames = c.Names
	for _, address := range c.Addresses {
		server.IPAddresses = append(server.IPAddresses, net.ParseIP(address))
	}
	if err := writeSigned(folder, "apiserver", server, authority, authorityKey); err != nil {
		return err
	}
	// Tokens of service accounts are signed with the key and checked with its public half.
	accountsKey, err := newKey()
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&accountsKey.PublicKey)
	if err != nil {
		return err
	}
	if err := writeKey(folder, "accounts", accountsKey); err != nil {
		return err
	}
	if err := writePem(filepath.Join(folder, "accounts.pub"), "PUBLIC KEY", public); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "complete"), nil, 0o600)
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func template(subject pkix.Name) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	return &x509.Certificate{
		SerialNumber: serial, Subject: subject, BasicConstraintsValid: true,
		// A clock that is a little behind must not refuse it.
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
}

func writeSigned(folder, name string, certificate, authority *x509.Certificate, authorityKey *ecdsa.PrivateKey) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	return write(folder, name, certificate, authority, key, authorityKey)
}

func write(folder, name string, certificate, authority *x509.Certificate, key, authorityKey *ecdsa.PrivateKey) error {
	signed, err := x509.CreateCertificate(rand.Reader, certificate, authority, &key.PublicKey, authorityKey)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := writePem(filepath.Join(folder, name+".crt"), "CERTIFICATE", signed); err != nil {
		return err
	}
	return writeKey(folder, name, key)
}

func writeKey(folder, name string, key *ecdsa.PrivateKey) error {
	bytes, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePem(filepath.Join(folder, name+".key"), "EC PRIVATE KEY", bytes)
}

func writePem(path, kind string, bytes []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600)
}
