-- A case is written by its own workflow only, step by step (store/cases.py). No free text: notes are sealed.
CREATE TABLE cases (
    case_no            text PRIMARY KEY,
    kind               text NOT NULL,
    order_no           text REFERENCES orders,
    subject            text NOT NULL,
    severity           text NOT NULL CHECK (severity IN ('ordinary', 'major')),
    state              text NOT NULL CHECK (state IN ('opened', 'claimed', 'settled', 'closed')),
    stage              text NOT NULL,
    department         text NOT NULL,
    escalated_to       text,
    participants       jsonb NOT NULL,
    related            text,
    assignee           text,
    reason             text NOT NULL,
    note_id            text,
    opened_by          text NOT NULL,
    opened_at          timestamptz NOT NULL,
    due_at             timestamptz,
    settlement         text,
    settled_at         timestamptz,
    closed_at          timestamptz,
    cause_note_id      text,
    prevention_note_id text,
    evidence           jsonb NOT NULL,
    updated_at         timestamptz NOT NULL,
    step_seq           integer NOT NULL
);
-- The inbox of cases: due first, those without a clock last; keyset pages (accident 10).
CREATE INDEX cases_due ON cases ((coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz)), case_no);
CREATE INDEX cases_open ON cases ((coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz)), case_no) WHERE closed_at IS NULL;
CREATE INDEX cases_order ON cases (order_no) WHERE order_no IS NOT NULL;
