-- What happened, on its way to an operator's own services. Rows are copies of lines of the audit trail, so that these may be cleared away.

CREATE TABLE webhook_queue (
  endpoint    TEXT NOT NULL,
  event       TEXT NOT NULL,
  at          BIGINT NOT NULL,
  tenant      TEXT NOT NULL,
  kind        TEXT NOT NULL,
  subject     TEXT NOT NULL,
  user_id     TEXT,
  actor       TEXT NOT NULL,
  tries       BIGINT NOT NULL,
  -- None: nobody tries any more.
  next_try_at BIGINT,
  answer      TEXT NOT NULL,
  PRIMARY KEY (endpoint, event)
) CLUSTERED;

-- Read by: what is due.
CREATE INDEX webhook_queue_due ON webhook_queue (endpoint, next_try_at) WHERE next_try_at IS NOT NULL;

-- Read by: clearing away what is over.
CREATE INDEX webhook_queue_by_age ON webhook_queue (at);
