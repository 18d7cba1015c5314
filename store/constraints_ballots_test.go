package store

// ballotSeeds put one row into the box, the sealed list and what belongs to them, as nobody but the owner of the tables can.
const ballotSeeds = `
INSERT INTO ballots VALUES ('receipt-01', 1, 'C01', 'public', '', '10', '', 'device', 'work', 'network', 40, now());
INSERT INTO sealed_ballots VALUES (1, 0, 'receipt-02', 'C01', 'public', '', 0, '10', '', '', sha256('leaf'));
INSERT INTO seals VALUES (1, 1, sha256('leaf'), 'checkpoint', 'key');
INSERT INTO excluded_ballots VALUES (1, 0, '同一网络短时间集中投票', 'admin');
INSERT INTO halls VALUES (1, 'H1', '政务大厅', sha256('pin'));`

// wrongOfBallots are tried by the owner: the application itself writes none of these tables.
var wrongOfBallots = []wrongState{
	{"public_secrets_single_check", `INSERT INTO public_secrets VALUES (false, sha256('other'))`},
	{"public_secrets_pkey", `INSERT INTO public_secrets VALUES (true, sha256('other'))`},
	{"public_secrets_secret_check", `UPDATE public_secrets SET secret = 'short'`},
	{"ballots_receipt_check", `UPDATE ballots SET receipt = 'short'`},
	{"ballots_pkey", `INSERT INTO ballots (receipt, cycle_id, unit, channel, hall, answers, comment) SELECT receipt, 1, 'C01', 'public', '', '10', '' FROM ballots`},
	{"ballots_channel_check", `UPDATE ballots SET channel = 'telephone'`},
	{"ballots_answers_check", `UPDATE ballots SET answers = '00'`},
	{"ballots_answers_check", `UPDATE ballots SET answers = '1x'`},
	{"ballots_comment_check", `UPDATE ballots SET comment = repeat('长', 2001)`},
	{"ballots_seconds_check", `UPDATE ballots SET seconds = -1`},
	{"ballots_device", `INSERT INTO ballots (receipt, cycle_id, unit, channel, hall, answers, comment, device) SELECT 'receipt-03', 1, 'C01', 'public', '', '10', '', device FROM ballots`},
	{"ballots_work", `INSERT INTO ballots (receipt, cycle_id, unit, channel, hall, answers, comment, work) SELECT 'receipt-03', 1, 'C01', 'public', '', '10', '', work FROM ballots`},
	{"sealed_ballots_position_check", `INSERT INTO sealed_ballots VALUES (1, -1, 'receipt-03', 'C01', 'public', '', 0, '10', '', '', sha256('leaf'))`},
	{"sealed_ballots_receipt_check", `INSERT INTO sealed_ballots VALUES (1, 1, 'short', 'C01', 'public', '', 0, '10', '', '', sha256('leaf'))`},
	{"sealed_ballots_receipt", `INSERT INTO sealed_ballots VALUES (1, 1, 'receipt-02', 'C01', 'public', '', 0, '10', '', '', sha256('leaf'))`},
	{"sealed_ballots_hash_check", `INSERT INTO sealed_ballots VALUES (1, 1, 'receipt-03', 'C01', 'public', '', 0, '10', '', '', 'short')`},
	{"seals_size_check", `UPDATE seals SET size = -1`},
	{"seals_root_check", `UPDATE seals SET root = 'short'`},
	{"excluded_ballots_reason_check", `UPDATE excluded_ballots SET reason = ''`},
	{"excluded_ballots_decided_by_check", `UPDATE excluded_ballots SET decided_by = ''`},
	{"halls_code_check", `UPDATE halls SET code = '大厅'`},
	{"halls_name_check", `UPDATE halls SET name = ''`},
	{"halls_pin_hash_check", `UPDATE halls SET pin_hash = 'short'`},
}
