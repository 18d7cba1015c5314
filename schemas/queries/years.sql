-- name: DataSetFilePut :exec
INSERT INTO data_set_files (authority, name, file, content, uploaded_by, uploaded_at)
VALUES (@authority::text, @name::text, @file::text, @content::bytea, @uploaded_by::text, @uploaded_at::timestamptz)
ON CONFLICT (authority, name) DO UPDATE SET file = EXCLUDED.file, content = EXCLUDED.content,
    uploaded_by = EXCLUDED.uploaded_by, uploaded_at = EXCLUDED.uploaded_at;

-- name: DataSetFileList :many
SELECT * FROM data_set_files WHERE authority = @authority::text ORDER BY name;

-- name: DataSetFileDrop :exec
DELETE FROM data_set_files WHERE authority = @authority::text AND name = @name::text;

-- name: CycleSimulate :exec
UPDATE cycles SET simulated = true WHERE cycle_id = @cycle_id::bigint;

-- name: CycleSimulated :many
SELECT * FROM cycles WHERE simulated AND state = 'running' ORDER BY cycle_id;
