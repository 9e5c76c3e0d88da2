-- Fields of stored cards and journal entries that the API has renamed. A quotation
-- mark inside a JSON text is escaped, so only names of fields are met here.
UPDATE cards SET card = REPLACE(REPLACE(card, '"till":', '"until":'), '"says":', '"rule_text":')
  WHERE card LIKE '%"till":%' OR card LIKE '%"says":%';
UPDATE journal SET words = REPLACE(REPLACE(words, '"till":', '"until":'), '"says":', '"rule_text":')
  WHERE words LIKE '%"till":%' OR words LIKE '%"says":%';
UPDATE journal SET words = REPLACE(REPLACE(words, '"ended_why":', '"end_reason":'), '"off_why":', '"disabled_reason":')
  WHERE words LIKE '%"ended_why":%' OR words LIKE '%"off_why":%';
