#!/bin/sh
# Answers every request with the greeting. Bound to 0.0.0.0: bound to localhost it would run and
# answer nobody.
echo "$GREETING_PUBLIC"
mkdir -p /tmp/www
echo "$GREETING_PUBLIC" >/tmp/www/index.html
exec httpd -f -p 0.0.0.0:8080 -h /tmp/www
