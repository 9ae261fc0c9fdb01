#!/bin/sh
# Makes the certificates of the tests, for a hundred years, beside itself. They are committed: run this only to change them.
set -eu
cd "$(dirname "$0")"
days=36500
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# leaf NAME KEY ISSUER EXTENSIONS [SUBJECT]: a certificate for KEY, signed by ISSUER.crt with ISSUER.key
leaf() {
  openssl req -new -key "$2" -subj "${5:-/CN=$1}" -out "$work/$1.csr"
  printf '%b' "$4" > "$work/$1.ext"
  openssl x509 -req -in "$work/$1.csr" -CA "$3.crt" -CAkey "$3.key" -days $days -extfile "$work/$1.ext" -out "$1.crt" 2>/dev/null
}
ec() { openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$2" -out "$1" 2>/dev/null; }

server='subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth\n'
client='extendedKeyUsage=clientAuth\n'
authority='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n'

ec ca.key P-256
openssl req -x509 -key ca.key -subj /CN=ca -days $days -addext basicConstraints=critical,CA:TRUE -out ca.crt
ec intermediate.key P-256
leaf intermediate intermediate.key ca "$authority"

ec server.key P-256
leaf server server.key ca "$server"
openssl ec -in server.key -out server.sec1.key 2>/dev/null
openssl pkcs8 -topk8 -in server.key -passout pass:secret -out server.encrypted.key

ec p521.key P-521
leaf p521 p521.key ca "$server"
openssl genpkey -algorithm ED25519 -out ed25519.key
leaf ed25519 ed25519.key ca "$server"
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>/dev/null
leaf rsa rsa.key ca "$server"
openssl rsa -in rsa.key -traditional -out rsa.pkcs1.key 2>/dev/null
openssl rsa -in rsa.key -traditional -aes128 -passout pass:secret -out rsa.pkcs1.encrypted.key 2>/dev/null

ec chained.key P-256
leaf chained chained.key intermediate "$server"
cat intermediate.crt >> chained.crt

ec client.key P-256
leaf client client.key ca "$client"
ec workload.key P-256
names='URI:spiffe://example.org/orders,DNS:orders.example.org,IP:10.0.0.7,IP:2001:db8::7,email:orders@example.org'
leaf workload workload.key ca "${client}subjectAltName=$names\n" '/O=Example, Inc. #1/OU=\+a/CN=orders'
ec delegated.key P-256
leaf delegated delegated.key intermediate "$client"
cat intermediate.crt >> delegated.crt
ec stranger.key P-256
openssl req -x509 -key stranger.key -subj /CN=stranger -days $days -out stranger.crt

# Certificates that sign nothing, made by their owners, and one that such an owner has signed nevertheless.
ec named.key P-256
openssl req -x509 -key named.key -subj /CN=named -days $days -addext basicConstraints=critical,CA:FALSE -out named.crt
ec forged.key P-256
leaf forged forged.key named "$client"

# dated NAME KEY EXTENSIONS MORE: a certificate of the first day of 2020, signed by ca, or as MORE says
dated() {
  openssl req -new -key "$2" -subj "/CN=$1" -out "$work/$1.csr"
  printf '%b' "$3" > "$work/$1.ext"
  : > "$work/index.txt"
  # shellcheck disable=SC2086
  openssl ca -batch -config /dev/stdin -name it -in "$work/$1.csr" -notext -extfile "$work/$1.ext" $4 \
    -startdate 20200101000000Z -enddate 20200102000000Z -out "$1.crt" 2>/dev/null <<CONFIG
[it]
database = $work/index.txt
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
CONFIG
}

dated expired server.key "$server" '-cert ca.crt -keyfile ca.key'
ec named.expired.key P-256
dated named.expired named.expired.key 'basicConstraints=critical,CA:FALSE\n' '-selfsign -keyfile named.expired.key'

# Other names than those of server, one with a wildcard.
ec other.key P-256
leaf other other.key ca 'subjectAltName=DNS:api.test,DNS:*.other.test\nextendedKeyUsage=serverAuth\n'

openssl pkcs8 -topk8 -scrypt -in server.key -passout pass:secret -out server.scrypt.key
openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in server.key -passout pass:secret -out server.pbes1.key

# list NAME LAST NEXT: a list of ca with what was revoked before, from LAST to NEXT
list() { openssl ca -config "$work/crl.cnf" -gencrl -crl_lastupdate "$2" -crl_nextupdate "$3" -out "$1.crl" 2>/dev/null; }
cat > "$work/crl.cnf" <<CONFIG
[ca]
default_ca = it
[it]
database = $work/revoked.txt
crlnumber = $work/crlnumber
certificate = ca.crt
private_key = ca.key
default_md = sha256
crl_extensions = extensions
[extensions]
authorityKeyIdentifier = keyid:always
CONFIG
: > "$work/revoked.txt"
echo 01 > "$work/crlnumber"
list none 20200101000000Z 21200101000000Z
list outdated 20200101000000Z 20200102000000Z
openssl ca -config "$work/crl.cnf" -revoke client.crt 2>/dev/null
list client 20200101000000Z 21200101000000Z
