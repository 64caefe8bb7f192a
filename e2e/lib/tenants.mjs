// A config with one tenant per flow, for tests that do not care about the rest.
export const TENANTS = `
[tenants.public]
app_name = "Example"

[tenants.codes]
app_name = "Code only"
flow = "USER_INPUT_CODE"
resend_gap = "6s"
default_redirect = "/demo?from=code"

[tenants.links]
app_name = "Link only"
flow = "MAGIC_LINK"
resend_gap = "1s"

[tenants.quick]
app_name = "Quick"
resend_gap = "1s"

[tenants.letters]
app_name = "Letters"
code_alphabet = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
code_length = 8
`;
