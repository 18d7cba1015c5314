#!/bin/sh
# Makes the namespace where it is missing, or sets its retention where it is there.
# The address and the namespace come from TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.
set -eu

ensure_namespace() {
  if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null; then
    temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
  else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
  fi
}

# A server that has just started may not serve yet, and one that has just made a namespace may not know it for some seconds.
tries=60
until temporal operator cluster health && ensure_namespace; do
  tries=$((tries - 1))
  if [ "$tries" -eq 0 ]; then
    echo "couldn't set up the namespace $TEMPORAL_NAMESPACE at $TEMPORAL_ADDRESS" >&2
    exit 1
  fi
  sleep 2
done
