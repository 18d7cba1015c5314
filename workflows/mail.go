package workflows

import "go.temporal.io/sdk/workflow"

// DeliverMail sends what is on a cycle's ledger and not yet sent.
var DeliverMail = Step[DeliverMailInput, DeliverMailResult]{"Mails.Deliver", "deliver the cycle's mails"}

// SignalMails tells a cycle that a person has put mails on its ledger.
const SignalMails = "mails"

// DeliverMailInput names the cycle.
type DeliverMailInput struct {
	Cycle CycleRef `json:"cycle"`
}

// DeliverMailResult counts what one run sent and had refused.
type DeliverMailResult struct {
	Sent    int `json:"sent"`
	Refused int `json:"refused"`
}

// courier delivers in the background what the steps of one workflow have queued, one delivery at a time. A slow or
// absent mail server holds no step up.
type courier struct {
	asked   bool
	sending bool
	// relieved is a courier whose mails are in other hands: he sets out no more.
	relieved bool
}

func (c *courier) idle() bool { return !c.asked && !c.sending }

// call asks for a delivery.
func (c *courier) call() { c.asked = true }

// takeOver delivers what a child left behind.
func (c *courier) takeOver(child Ending) {
	if child.MailsLeft {
		c.call()
	}
}

// startCourier makes the courier wait for calls until ctx ends. Deliver tries again until nothing is left.
func (p *process) startCourier(ctx workflow.Context) {
	workflow.Go(ctx, func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return p.courier.asked && !p.courier.relieved }) == nil {
			p.courier.asked, p.courier.sending = false, true
			if err := p.persevere(ctx, DeliverMail.name, p.deliver); err != nil {
				workflow.GetLogger(ctx).Warn("mail delivery ended", "error", err)
			}
			p.courier.sending = false
		}
	})
}

// listenMails has the courier set out when a person has put mails on the ledger.
func (p *process) listenMails(ctx workflow.Context) {
	calls := workflow.GetSignalChannel(ctx, SignalMails)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for calls.Receive(ctx, nil) {
			p.courier.call()
		}
	})
}

func (p *process) deliver(ctx workflow.Context) error {
	_, err := DeliverMail.run(alive(ctx, deliveryTimeout), DeliverMailInput{Cycle: p.cycle})
	return err
}
