-- The daily look for persons whose time has come (T21) passes over those who are gone already.
CREATE INDEX contacts_unerased ON contacts (contact_id) WHERE erased_at IS NULL;
CREATE INDEX inbox_refused ON inbox (received_at) WHERE state = 'refused';
