-- importexport: users by the names that other systems have for them, as an import has mapped them: later imports know
-- them. name_key is the folded name; user_id is 0 for a name that means no owner.
CREATE TABLE IF NOT EXISTS import_owners (
  name_key VARCHAR(190) NOT NULL,
  user_id BIGINT NOT NULL,
  PRIMARY KEY (name_key)
);
