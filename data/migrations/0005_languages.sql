-- Why a message did not arrive is a code with values, as in data/outbox/errors.py, so that each
-- reader can be told in their language. Sentences that no version wrote are kept as they are.
UPDATE delivery SET error = CASE
    WHEN error = '' THEN NULL
    WHEN error = 'it was too late to be of use' THEN '["too_late"]'
    WHEN error = 'the session was called off or has moved' THEN '["outdated"]'
    WHEN error = 'nobody was left to tell' THEN '["nobody_left"]'
    WHEN error = 'this version of Jelly does not know what that is' THEN '["unknown_kind"]'
    WHEN error = 'it was before the demo began' THEN '["before_demo"]'
    WHEN error = 'the channel is gone' THEN '["channel_gone"]'
    WHEN error = 'the card was deleted' THEN '["card_deleted"]'
    WHEN error = 'I am not in that server any more; invite me again' THEN '["not_in_server"]'
    WHEN error = 'their private messages are closed' THEN '["private_closed"]'
    WHEN error = 'it may have come twice, because I may not look into the channel; allow my role '
        || 'Read Message History there' THEN '["maybe_twice"]'
    WHEN error = 'I am missing View Channel there; allow my role that'
        THEN '["missing",{"permissions":["View Channel"]}]'
    WHEN error = 'I am missing Send Messages there; allow my role that'
        THEN '["missing",{"permissions":["Send Messages"]}]'
    WHEN error = 'I am missing View Channel and Send Messages there; allow my role that'
        THEN '["missing",{"permissions":["View Channel","Send Messages"]}]'
    WHEN error LIKE 'a permission is missing (%)' THEN json_array(
        'forbidden', json_object('text', substr(error, 26, length(error) - 26)))
    WHEN error LIKE 'Discord refused it (%)' THEN json_array(
        'refused', json_object('text', substr(error, 21, length(error) - 21)))
    WHEN error LIKE 'something went wrong (%)' THEN json_array(
        'fault', json_object('number', substr(error, 23, length(error) - 23)))
    ELSE json_array('foreign', json_object('text', error))
END
WHERE error IS NOT NULL;
