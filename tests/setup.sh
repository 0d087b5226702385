#!/usr/bin/env bash
# What the edge tests need beside PyPI: Debian's mosquitto (the second broker), nftables (it loses packets), chromium
# and fonts that show Chinese, unifont (the glyph file is made from it again and compared), faketime (boards with a wrong
# clock). As root they are installed; otherwise they are named.
set -eu
missing=()
command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || missing+=(mosquitto)
command -v nft >/dev/null || [ -x /usr/sbin/nft ] || missing+=(nftables)
[ -n "$(find /usr/lib -name libfaketime.so.1 -print -quit 2>/dev/null)" ] || missing+=(faketime)
command -v chromium >/dev/null || missing+=(chromium)
[ -e /usr/share/unifont/unifont.hex ] || missing+=(unifont)
[ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ] || missing+=(fonts-noto-cjk)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "make test needs these Debian packages: ${missing[*]}" >&2
    echo "install them (apt-get install ${missing[*]}) or run make test as root" >&2
    exit 1
fi
echo "installing ${missing[*]} ..."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# mosquitto's own service must not start: the tests run their own broker on ports of their own.
[ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; made_policy=1; }
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
[ -z "${made_policy:-}" ] || rm -f /usr/sbin/policy-rc.d
