"""The cookies of consent tools, one module each: `decode(text, ...) -> CmpChoices`.

No tool documents its cookie as a format for others to read, so these decoders follow the forms that are seen, and
refuse the rest. They accept a text that nobody percent-decoded yet as well as one that was decoded or encoded once
too often. What is refused, and with which code, is in spec/consent.md, "Cookies of consent tools".

    bad_form          the text is not of the tool's form, or ends before its fields do
    bad_value         a field that decides something has none of its values
    bad_group         an entry in the list of groups is none
    bad_time          a time cannot be read
    duplicate_field   a field or group is there twice, with different values
    too_many          more fields or groups than a site has
    not_text, empty, too_long; for Didomi bad_base64, bad_json
"""

from __future__ import annotations
