package portal

import "github.com/kaoping/kaoping/office"

// tasksPage is what waits for a person, by deadline, and what was done of it.
type tasksPage struct {
	Open []taskView
	// ByHand are those of the open ones that end by saying so, or that are taken again.
	ByHand []taskView
	Done   []taskView
}

type taskView struct {
	office.Task
	// Title says what is to be done, with whom; Href is the page where.
	Title string
	Href  string
	// Retry is a task that is taken again.
	Retry bool
}

func (v *visit) showTasks() error {
	tasks, err := v.desk.Tasks(v.r.Context())
	if err != nil {
		return err
	}
	var page tasksPage
	for _, task := range tasks {
		shown := v.taskView(task)
		if task.State != "open" {
			page.Done = append(page.Done, shown)
			continue
		}
		page.Open = append(page.Open, shown)
		if task.ByHand || shown.Retry {
			page.ByHand = append(page.ByHand, shown)
		}
	}
	return v.render("tasks", page)
}

func (v *visit) taskView(task office.Task) taskView {
	subject := ""
	switch {
	case task.Count > 0:
		subject = v.t("tasks.sheets", task.Count)
	case task.Subject != "":
		subject = v.t("tasks.subject", task.Subject)
	}
	return taskView{
		Task: task, Title: v.t("task."+task.Kind, subject), Href: v.in("%s", task.Page),
		Retry: task.Kind == "stuck_step",
	}
}

// finishTask ends a task that no workflow waits for: somebody telephoned.
func (v *visit) finishTask() error {
	done, err := v.perform((*visit).showTasks, func(act string) error {
		return v.desk.FinishTask(v.r.Context(), act, v.r.PostFormValue("task"), v.r.PostFormValue("note"))
	})
	if !done {
		return err
	}
	return v.done(v.in(""), "tasks.finished")
}

// retryStep has a step taken again that had failed for its data.
func (v *visit) retryStep() error {
	done, err := v.perform((*visit).showTasks, func(act string) error {
		return v.desk.RetryStep(v.r.Context(), act, v.r.PostFormValue("task"))
	})
	if !done {
		return err
	}
	return v.done(v.in(""), "tasks.retried")
}
