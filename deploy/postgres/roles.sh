#!/bin/bash
# Runs once, on PostgreSQL's first start with an empty volume: makes the users and the databases.
#   kaoping_owner  owns the tables; used by `starter migrate` only
#   kaoping_app    no login; the rights that the application needs, granted by the migrations
#   kaoping        what the worker connects as: a member of kaoping_app, owner of nothing
#   kaoping_public no login; what the pages for the public need: views, and functions that cast ballots
#   kaoping_voters what the pages for the public connect as: a member of kaoping_public, owner of nothing
#   temporal       owns Temporal's store and its visibility database
set -euo pipefail

psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --no-psqlrc --quiet \
  --set ON_ERROR_STOP=1 \
  --set owner_password="$KAOPING_OWNER_PASSWORD" \
  --set password="$KAOPING_PASSWORD" \
  --set public_password="$KAOPING_PUBLIC_PASSWORD" \
  --set temporal_password="$TEMPORAL_PASSWORD" <<'SQL'
CREATE ROLE kaoping_app NOLOGIN;
CREATE ROLE kaoping_public NOLOGIN;
CREATE ROLE kaoping_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE kaoping LOGIN PASSWORD :'password' IN ROLE kaoping_app;
CREATE ROLE kaoping_voters LOGIN PASSWORD :'public_password' IN ROLE kaoping_public;
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';

CREATE DATABASE kaoping OWNER kaoping_owner;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

REVOKE CONNECT, TEMPORARY ON DATABASE kaoping, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE kaoping TO kaoping, kaoping_voters;
SQL
