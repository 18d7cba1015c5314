package store

import (
	"database/sql"
	"errors"
	"slices"
	"testing"

	"github.com/lib/pq"
)

// seeds put one row into every table, so that a wrong state is one statement away. The journal has two lines.
const seeds = `
UPDATE cycles SET state = 'running' WHERE cycle_id = 1;
INSERT INTO assessments (cycle_id, unit, report_due, review_due) SELECT 1, code, '2025-12-12', '2026-01-09' FROM units;
INSERT INTO reports (cycle_id, unit, revision, state) VALUES (1, 'C01', 1, 'draft');
INSERT INTO report_items VALUES (1, 'C01', 1, '1', 3000, '已落实', 3000);
INSERT INTO evidence (cycle_id, unit, revision, indicator, position, name, link) VALUES (1, 'C01', 1, '1', 1, '文件', 'https://c01.example');
INSERT INTO sheets (cycle_id, unit, assessor, assessor_unit) VALUES (1, 'C01', 'web', 'D01'), (1, 'D01', 'gov', '');
INSERT INTO scores (cycle_id, unit, assessor, indicator, max_points, points, method) VALUES (1, 'C01', 'web', '1', 3000, 3000, 'documents');
INSERT INTO adjustments (adjustment_id, cycle_id, unit, clause, bonus, points, occurred_on, event, evidence, state, proposed_by, decided_by) VALUES
    ('00000000-0000-0000-0000-000000000001', 1, 'C01', '10.1', true, 100, '2025-06-01', '省级表彰', '文件', 'confirmed', 'c01', 'admin'),
    ('00000000-0000-0000-0000-000000000002', 1, 'C01', '10.3', true, 100, '2025-07-01', '创新活动', '文件', 'proposed', 'c01', '');
INSERT INTO proposals (cycle_id, number, digest, book, due) VALUES (1, 1, 'digest', '{}', '2026-01-16');
INSERT INTO counted_adjustments (cycle_id, number, adjustment_id) VALUES (1, 1, '00000000-0000-0000-0000-000000000001');
INSERT INTO results VALUES (1, 1, 'C01', 9000, 'excellent', 1, 1, '{}');
INSERT INTO rectifications (cycle_id, unit, number, due) VALUES (1, 'C01', 0, '2026-03-13');
INSERT INTO problems (cycle_id, unit, rectification, position, problem, method) VALUES (1, 'C01', 0, 1, '栏目未更新', 'website');
INSERT INTO rectification_filings VALUES (1, 'C01', 0, 1, 'measures', '逐项整改', 'c01', now());
INSERT INTO rectification_evidence (cycle_id, unit, rectification, filing, position, name, link) VALUES (1, 'C01', 0, 1, 1, '专栏', 'https://c01.example');
INSERT INTO rectification_drafts VALUES (1, 'C01', 0, 'report', '');
INSERT INTO violations VALUES ('00000000-0000-0000-0000-000000000003', 1, 'C01', '违规', '记录', 'ordinary', 'admin');
INSERT INTO consequences (cycle_id, number, unit, kind, basis, rectification) VALUES (1, 1, 'C01', 'interview', 'rectification_overdue', 0);
INSERT INTO tasks (cycle_id, key, kind, opened_at) VALUES (1, 'task', 'telephone', now());
INSERT INTO mails (cycle_id, key, kind, article, recipient, data, message_id) VALUES (1, 'mail', 'notice', 'A8(4)', 'c01@example.com', '{}', '<1@example.com>');
INSERT INTO accounts (authority, login) VALUES ('pingliang', 'admin'), ('pingliang', 'web');
INSERT INTO invitations VALUES (sha256('token'), 1, 'invite', now());`

// wrong are wrong states: the constraint that refuses each, and the statement that tries it.
var wrong = slices.Concat(wrongOfEvaluations, []wrongState{
	{"cycles_year", `INSERT INTO cycles (authority, year, rule_set) SELECT authority, year, rule_set FROM cycles`},
	{"cycles_authority_check", `UPDATE cycles SET authority = 'ping liang'`},
	{"cycles_year_check", `UPDATE cycles SET year = 25`},
	{"cycles_rehearsal_check", `UPDATE cycles SET rehearsal = -1`},
	{"cycles_state_check", `UPDATE cycles SET state = 'over'`},
	{"cycles_phase_check", `UPDATE cycles SET phase = 'over'`},
	{"cycles_clock_pace_check", `UPDATE cycles SET clock_pace = -1`},
	{"scheme_versions_version_check", `UPDATE scheme_versions SET version = 0`},
	{"scheme_versions_check", `UPDATE scheme_versions SET review_due = self_report_due`},
	{"scheme_versions_check", `UPDATE scheme_versions SET notice = rectification_due`},
	{"units_code_check", `UPDATE units SET code = 'C 01' WHERE code = 'D01'`},
	{"units_name_check", `UPDATE units SET name = ''`},
	{"units_category_check", `UPDATE units SET category = ''`},
	{"units_email_check", `UPDATE units SET email = E'c01@example.com\r\nBcc: all@example.com'`},
	{"people_login_check", `UPDATE people SET login = ''`},
	{"people_name_check", `UPDATE people SET name = ''`},
	{"people_role_check", `UPDATE people SET role = 'root'`},
	{"people_email_check", `UPDATE people SET email = E'a\nb'`},
	{"indicators_max_points_check", `INSERT INTO indicators SELECT cycle_id, '3', 3, area, track, 0, content, criteria, methods, judges, categories FROM indicators LIMIT 1`},
	{"indicators_judges_check", `INSERT INTO indicators SELECT cycle_id, '3', 3, area, track, 1, content, criteria, methods, 'next_year', categories FROM indicators LIMIT 1`},
	{"scheme_frozen", `UPDATE indicators SET max_points = 4000 WHERE code = '2'`},
	{"scheme_frozen", `DELETE FROM indicators WHERE code = '2'`},
	{"scheme_frozen", `INSERT INTO indicators SELECT cycle_id, '3', 3, area, track, 1, content, criteria, methods, judges, categories FROM indicators LIMIT 1`},
	{"assessments_state_check", `UPDATE assessments SET state = ''`},
	{"assessments_spread_check", `UPDATE assessments SET spread = 'wide'`},
	{"reports_one_draft", `INSERT INTO reports (cycle_id, unit, revision, state) VALUES (1, 'C01', 2, 'draft')`},
	{"reports_revision_check", `INSERT INTO reports (cycle_id, unit, revision, state) VALUES (1, 'D01', 0, 'draft')`},
	{"reports_state_check", `UPDATE reports SET state = 'lost', submitted_at = now()`},
	{"reports_check", `UPDATE reports SET state = 'submitted'`},
	{"reports_check", `UPDATE reports SET submitted_at = now()`},
	{"reports_check1", `UPDATE reports SET state = 'returned', submitted_at = now()`},
	{"report_items_check", `UPDATE report_items SET self_score = 3001`},
	{"report_items_self_score_check", `UPDATE report_items SET self_score = -1`},
	{"report_items_cycle_id_indicator_max_points_fkey", `UPDATE report_items SET max_points = 9000`},
	{"evidence_name_check", `UPDATE evidence SET name = ''`},
	{"evidence_check", `UPDATE evidence SET link = ''`},
	{"evidence_check", `UPDATE evidence SET sha256 = repeat('0', 64)`},
	{"evidence_sha256_check", `UPDATE evidence SET link = '', sha256 = 'abc'`},
	{"sheets_own_organisation", `INSERT INTO sheets (cycle_id, unit, assessor, assessor_unit) VALUES (1, 'D01', 'web', 'D01')`},
	{"sheets_cycle_id_assessor_assessor_unit_fkey", `INSERT INTO sheets (cycle_id, unit, assessor, assessor_unit) VALUES (1, 'D01', 'web', '')`},
	{"sheets_own_organisation", `UPDATE people SET unit = 'D01' WHERE login = 'gov'`},
	{"sheets_state_check", `UPDATE sheets SET state = 'lost'`},
	{"scores_maximum", `UPDATE scores SET points = 3001`},
	{"scores_points_check", `UPDATE scores SET points = -1, reason = '未落实'`},
	{"scores_reason", `UPDATE scores SET points = 2999`},
	{"scores_check", `UPDATE scores SET method = ''`},
	{"scores_draft", `UPDATE scores SET draft_points = 3000`},
	{"scores_draft", `UPDATE scores SET points = NULL, draft_points = 3001`},
	{"scores_draft", `UPDATE scores SET points = NULL, draft_points = -1`},
	{"scores_counts", `UPDATE scores SET counts = '{2,-1}'`},
	{"scores_cycle_id_indicator_max_points_fkey", `UPDATE scores SET max_points = 9000, points = 9000`},
	{"adjustments_points_check", `UPDATE adjustments SET points = 0`},
	{"adjustments_event_check", `UPDATE adjustments SET event = ''`},
	{"adjustments_evidence_check", `UPDATE adjustments SET evidence = ''`},
	{"adjustments_state_check", `UPDATE adjustments SET state = 'perhaps', decided_by = 'admin' WHERE state = 'proposed'`},
	{"adjustments_decided", `UPDATE adjustments SET state = 'confirmed' WHERE state = 'proposed'`},
	{"adjustments_decided", `UPDATE adjustments SET decided_by = 'admin' WHERE state = 'proposed'`},
	{"adjustments_second_person", `UPDATE adjustments SET state = 'confirmed', decided_by = 'c01' WHERE state = 'proposed'`},
	{"adjustments_reason", `UPDATE adjustments SET state = 'rejected', decided_by = 'admin' WHERE state = 'proposed'`},
	{"adjustments_event", `UPDATE adjustments SET event = '省级表彰', state = 'confirmed', decided_by = 'admin' WHERE state = 'proposed'`},
	{"adjustments_cycle_id_unit_fkey", `UPDATE adjustments SET unit = 'C99'`},
	{"adjustments_cycle_id_unit_fkey", `DELETE FROM results; DELETE FROM units WHERE code = 'C01'`},
	{"proposals_one_open", `INSERT INTO proposals (cycle_id, number, digest, book, due) VALUES (1, 2, 'other', '{}', '2026-01-16')`},
	{"proposals_number_check", `INSERT INTO proposals (cycle_id, number, state, digest, book, due) VALUES (1, 0, 'voided', 'other', '{}', '2026-01-16')`},
	{"proposals_state_check", `UPDATE proposals SET state = 'lost'`},
	{"proposals_office_check", `UPDATE proposals SET office = 'mayor'`},
	{"proposals_check", `UPDATE proposals SET state = 'approved', decided_by = 'leader'`},
	{"proposals_check", `UPDATE proposals SET state = 'returned', office = 'leader'`},
	{"proposals_check1", `UPDATE proposals SET released = true`},
	{"counted_adjustments_adjustment_id_state_fkey", `INSERT INTO counted_adjustments (cycle_id, number, adjustment_id) VALUES (1, 1, '00000000-0000-0000-0000-000000000002')`},
	{"counted_adjustments_adjustment_id_state_fkey", `UPDATE adjustments SET state = 'rejected', reason = '重复' WHERE state = 'confirmed'`},
	{"counted_adjustments_state_check", `INSERT INTO counted_adjustments VALUES (1, 1, '00000000-0000-0000-0000-000000000002', 'proposed')`},
	{"results_total_check", `UPDATE results SET total = 10001`},
	{"results_total_check", `UPDATE results SET total = -1`},
	{"results_rank_check", `UPDATE results SET rank = 0`},
	{"results_category_rank_check", `UPDATE results SET category_rank = 0`},
	{"rectifications_number_check", `INSERT INTO rectifications (cycle_id, unit, number, due) VALUES (1, 'C01', -1, '2026-03-13')`},
	{"rectifications_state_check", `UPDATE rectifications SET state = 'lost'`},
	{"rectification_filings_filing_check", `UPDATE rectification_filings SET filing = 0`},
	{"rectification_filings_kind_check", `UPDATE rectification_filings SET kind = 'plan'`},
	{"rectification_filings_content_check", `UPDATE rectification_filings SET content = ''`},
	{"rectification_evidence_name_check", `UPDATE rectification_evidence SET name = ''`},
	{"rectification_evidence_one", `UPDATE rectification_evidence SET link = ''`},
	{"rectification_evidence_digest", `UPDATE rectification_evidence SET link = '', sha256 = 'abc'`},
	{"rectification_drafts_kind_check", `UPDATE rectification_drafts SET kind = 'plan'`},
	{"problems_lost_check", `UPDATE problems SET lost = -1`},
	{"problems_problem_check", `UPDATE problems SET problem = ''`},
	{"problems_method_check", `UPDATE problems SET method = ''`},
	{"problems_recheck_method", `UPDATE problems SET recheck = 'documents'`},
	{"violations_cycle_id_unit_fkey", `UPDATE violations SET unit = 'C99'`},
	{"violations_facts_check", `UPDATE violations SET facts = ''`},
	{"violations_evidence_check", `UPDATE violations SET evidence = ''`},
	{"violations_severity_check", `UPDATE violations SET severity = 'grave'`},
	{"consequences_number_check", `UPDATE consequences SET number = 0`},
	{"consequences_kind_check", `UPDATE consequences SET kind = 'fine'`},
	{"consequences_basis_check", `UPDATE consequences SET basis = 'mood'`},
	{"consequences_of_violation", `UPDATE consequences SET violation_id = '00000000-0000-0000-0000-000000000003'`},
	{"consequences_of_rectification", `UPDATE consequences SET basis = 'dissatisfied'`},
	{"consequences_of_rectification", `UPDATE consequences SET basis = 'violation', violation_id = '00000000-0000-0000-0000-000000000003'`},
	{"consequences_state_check", `UPDATE consequences SET state = 'lost', decided_by = 'admin', reason = '理由'`},
	{"consequences_reason", `UPDATE consequences SET state = 'waived', decided_by = 'admin'`},
	{"consequences_interview", `UPDATE consequences SET state = 'imposed', decided_by = 'admin', reason = '逾期'`},
	{"tasks_state_check", `UPDATE tasks SET state = 'lost'`},
	{"tasks_check", `UPDATE tasks SET state = 'done'`},
	{"mails_state_check", `UPDATE mails SET state = 'lost'`},
	{"mails_check", `UPDATE mails SET state = 'sending'`},
	{"mails_cycle_id_key_key", `INSERT INTO mails (cycle_id, key, kind, article, recipient, data, message_id) VALUES (1, 'mail', 'notice', 'A8(4)', 'x', '{}', '<2@example.com>')`},
	{"mails_message_id_key", `INSERT INTO mails (cycle_id, key, kind, article, recipient, data, message_id) VALUES (1, 'other', 'notice', 'A8(4)', 'x', '{}', '<1@example.com>')`},
	{"journal_seq_check", `INSERT INTO journal VALUES (1, 0, now(), 'event', '', '', '', '', sha256('0'))`},
	{"journal_hash_check", `INSERT INTO journal VALUES (1, 3, now(), 'event', '', '', '', '', '\x00')`},
	{"journal_follows", `INSERT INTO journal VALUES (1, 4, now(), 'event', '', '', '', '', sha256('0'))`},
	{"journal_follows", `INSERT INTO journal VALUES (1, 3, '2025-11-24 00:59:59Z', 'event', '', '', '', '', sha256('0'))`},
	{"journal_pkey", `INSERT INTO journal VALUES (1, 2, now(), 'event', '', '', '', '', sha256('0'))`},
	{"journal_closed", `INSERT INTO journal VALUES (1, 3, now(), 'cycle_closed', '', '', '', '', sha256('0')), (1, 4, now(), 'event', '', '', '', '', sha256('0'))`},
	{"cycles_check", `UPDATE cycles SET simulated = true`},
	{"data_set_files_name_check", `INSERT INTO data_set_files VALUES ('pingliang', 'passwords', 'x.csv', '', 'admin', now())`},
	{"data_set_files_file_check", `INSERT INTO data_set_files VALUES ('pingliang', 'units', '', '', 'admin', now())`},
	{"accounts_authority_check", `UPDATE accounts SET authority = 'pingliang/2025'`},
	{"accounts_login_check", `UPDATE accounts SET login = 'a b'`},
	{"accounts_authority_rehearsing_login_key", `UPDATE accounts SET login = 'admin' WHERE login = 'web'`},
	{"accounts_password_check", `UPDATE accounts SET password = 'secret'`},
	{"accounts_epoch_check", `UPDATE accounts SET epoch = 0`},
	{"accounts_check", `UPDATE accounts SET rehearsing = true, administers = true`},
	{"accounts_email_check", `UPDATE accounts SET email = E'a\nb'`},
	{"accounts_failures_check", `UPDATE accounts SET failures = -1`},
	{"invitations_token_hash_check", `UPDATE invitations SET token_hash = 'token'`},
	{"invitations_purpose_check", `UPDATE invitations SET purpose = 'gift'`},
	{"access_log_event_check", `INSERT INTO access_log (event) VALUES ('peeked')`},
	{"access_log_account_id_fkey", `INSERT INTO access_log (event, account_id) VALUES ('login', 99)`},
})

type wrongState struct{ constraint, statement string }

func TestWrongStatesAreImpossible(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	is(t, "the only cycle of the seeds", id, int64(1))
	b.record(t, id, "first", "second")
	execute(t, b.db, seeds, evaluationSeeds)
	owner := connect(t, b.url)
	execute(t, owner, ballotSeeds)
	refuses(t, "the application", b.db, wrong)
	refuses(t, "the owner", owner, slices.Concat(wrong, wrongOfBallots))
}

func refuses(t *testing.T, role string, db *sql.DB, states []wrongState) {
	t.Helper()
	for _, state := range states {
		if got := violated(t, db, state.statement); got != state.constraint {
			t.Errorf("%s, %s: refused by %q, want %s", role, state.statement, got, state.constraint)
		}
	}
}

// violated tries a statement and answers the constraint that refuses it; nothing stays.
func violated(t *testing.T, db *sql.DB, statement string) string {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	defer tx.Rollback()
	_, err = tx.ExecContext(t.Context(), statement)
	var answer *pq.Error
	if errors.As(err, &answer) {
		return answer.Constraint
	}
	return ""
}

// A constraint that no case above tries would be a promise that nobody has seen kept.
func TestEveryConstraintIsTried(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tried := map[string]bool{}
	for _, state := range slices.Concat(wrong, wrongOfBallots) {
		tried[state.constraint] = true
	}
	for _, name := range b.names(t, `SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = 'c'
		UNION SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
		WHERE relnamespace = 'public'::regnamespace AND indisunique AND indpred IS NOT NULL`) {
		if !tried[name] {
			t.Errorf("nothing tries %s", name)
		}
	}
}

// names runs a query that answers one column of texts.
func (b *bundle) names(t *testing.T, statement string) []string {
	t.Helper()
	rows, err := b.db.QueryContext(t.Context(), statement)
	must(t, err)
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		names = append(names, name)
	}
	must(t, rows.Err())
	slices.Sort(names)
	return names
}

// The same statements, right: the cases above fail for their own reason only.
func TestRightStatesAreKept(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.record(t, id, "first", "second")
	execute(t, b.db, seeds, evaluationSeeds,
		`UPDATE scores SET points = 2999, reason = '缺一项', counts = '{1,0}'`,
		`UPDATE scores SET points = NULL, draft_points = 2999, reason = '', method = ''`,
		`UPDATE adjustments SET state = 'confirmed', decided_by = 'admin' WHERE state = 'proposed'`,
		`INSERT INTO counted_adjustments (cycle_id, number, adjustment_id) VALUES (1, 1, '00000000-0000-0000-0000-000000000002')`,
		`UPDATE problems SET recheck = 'website'`,
		`UPDATE consequences SET state = 'imposed', decided_by = 'admin', reason = '逾期', interview = '{"date": "2026-03-20"}'`,
		`UPDATE proposals SET state = 'approved', decided_by = 'leader', office = 'leader', released = true`,
		`INSERT INTO proposals (cycle_id, number, digest, book, due) VALUES (1, 2, 'other', '{}', '2026-01-16')`,
		`INSERT INTO journal VALUES (1, 3, now(), 'cycle_closed', '', '', '', '', sha256('0'))`,
		`UPDATE cycles SET state = 'cancelled'`,
		`INSERT INTO cycles (authority, year, rule_set) SELECT authority, year, rule_set FROM cycles`,
		`INSERT INTO cycles (authority, year, rule_set, kind) SELECT authority, year, rule_set, 'evaluation' FROM cycles WHERE state = 'cancelled'`,
		`UPDATE evaluations SET window_state = 'closed', published = true`,
		`UPDATE representatives SET token = ''`,
		`UPDATE evaluation_results SET score = NULL, rank = NULL`,
		`INSERT INTO consequences (cycle_id, number, unit, kind, basis) VALUES (1, 2, 'C01', 'public_criticism', 'dissatisfied')`,
	)
	is(t, "cycles of one year: one cancelled, one an evaluation", count(t, b.db, `SELECT count(*) FROM cycles`), 3)
}
