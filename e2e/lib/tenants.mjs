// A config with one tenant per flow, for tests that do not care about the rest.
/** Lines of a tenant whose tests send more than a person would. */
export const UNLIMITED = "sends_per_contact = 0\nsends_per_network = 0\nguesses_per_network = 0\n";

export const TENANTS = `
[tenants.public]
${UNLIMITED}app_name = "Example"

[tenants.codes]
${UNLIMITED}app_name = "Code only"
flow = "USER_INPUT_CODE"
resend_gap = "6s"
default_redirect = "/demo?from=code"

[tenants.links]
${UNLIMITED}app_name = "Link only"
flow = "MAGIC_LINK"
resend_gap = "1s"

[tenants.quick]
${UNLIMITED}app_name = "Quick"
resend_gap = "1s"

[tenants.letters]
${UNLIMITED}app_name = "Letters"
code_alphabet = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
code_length = 8
`;
