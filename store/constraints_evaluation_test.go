package store

// evaluationSeeds put one row into every table that only an evaluation has. Which cycle it is does not matter here.
const evaluationSeeds = `
INSERT INTO evaluations VALUES (1, '2025-10-13', '2025-10-20', '2025-11-14', '2025-12-05');
INSERT INTO evaluation_questions VALUES (1, 0, 'content', '是否真实');
INSERT INTO representatives (cycle_id, number, name, kind, email, token, token_hash) VALUES (1, 1, '代表', 'expert', 'a@example.com', 'token', sha256('token'));
INSERT INTO representative_units VALUES (1, 1, 'C01');
INSERT INTO surveys VALUES (1, 1, '民调中心', '2025-10-20', '2025-10-31', '电话访问200人', repeat('0', 64), 'admin');
INSERT INTO survey_ballots VALUES (1, 1, 1, 'C01', '{"content": "satisfied"}');
INSERT INTO evaluation_results VALUES (1, 1, 'C01', 8320, 'basically_satisfied', 1, '{}');`

var wrongOfEvaluations = []wrongState{
	{"cycles_kind_check", `UPDATE cycles SET kind = 'party'`},
	{"cycles_phase_check", `UPDATE cycles SET phase = 'window'`},
	{"cycles_phase_check", `UPDATE cycles SET kind = 'evaluation', phase = 'rectification'`},
	{"evaluations_check", `UPDATE evaluations SET published = true`},
	{"evaluations_check1", `UPDATE evaluations SET open_on = publish_on`},
	{"evaluations_check1", `UPDATE evaluations SET close_on = '2025-10-19'`},
	{"evaluations_check1", `UPDATE evaluations SET results_due = close_on`},
	{"evaluations_window_state_check", `UPDATE evaluations SET window_state = 'ajar'`},
	{"evaluations_publishing_check", `UPDATE evaluations SET publishing = 'perhaps'`},
	{"evaluation_questions_position_check", `UPDATE evaluation_questions SET position = -1`},
	{"evaluation_questions_question_check", `UPDATE evaluation_questions SET question = 'the content'`},
	{"evaluation_questions_wording_check", `UPDATE evaluation_questions SET wording = ''`},
	{"representatives_number_check", `INSERT INTO representatives (cycle_id, number, name, kind, email) VALUES (1, 0, '代表', 'expert', 'b@example.com')`},
	{"representatives_name_check", `UPDATE representatives SET name = ''`},
	{"representatives_kind_check", `UPDATE representatives SET kind = ''`},
	{"representatives_email_check", `UPDATE representatives SET email = E'a\nb'`},
	{"representatives_token_hash_check", `UPDATE representatives SET token_hash = 'token'`},
	{"representatives_check", `UPDATE representatives SET token_hash = NULL`},
	{"surveys_number_check", `INSERT INTO surveys SELECT cycle_id, 0, agency, from_day, to_day, sample, repeat('1', 64), imported_by FROM surveys`},
	{"surveys_agency_check", `UPDATE surveys SET agency = ''`},
	{"surveys_sample_check", `UPDATE surveys SET sample = ''`},
	{"surveys_sha256_check", `UPDATE surveys SET sha256 = 'abc'`},
	{"surveys_cycle_id_sha256_key", `INSERT INTO surveys SELECT cycle_id, 2, agency, from_day, to_day, sample, sha256, imported_by FROM surveys`},
	{"surveys_check", `UPDATE surveys SET to_day = '2025-10-19'`},
	{"survey_ballots_position_check", `UPDATE survey_ballots SET position = 0`},
	{"survey_ballots_answers_check", `UPDATE survey_ballots SET answers = '{}'`},
	{"evaluation_results_score_check", `UPDATE evaluation_results SET score = 10001`},
	{"evaluation_results_rank_check", `UPDATE evaluation_results SET rank = 0`},
	{"evaluation_results_check", `UPDATE evaluation_results SET rank = NULL`},
}
