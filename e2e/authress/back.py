"""A back end in Python: authress-sdk makes the link of a login, or verifies a token. What to do comes as JSON in the first
argument, what came of it goes out as JSON."""

import json
import sys

from authress import AuthressClient, ServiceClientTokenProvider


def link(told):
    """The link for somebody, from what the browser got for its request."""
    provider = ServiceClientTokenProvider(told["accessKey"])
    return provider.generate_user_login_url({"authentication_url": told["authenticationUrl"]}, told["userId"])


def client_token(told):
    """The token by which the service client calls."""
    return ServiceClientTokenProvider(told["accessKey"], told["domain"]).get_client_token()


def verify(told):
    """What a token says, if it is good."""
    return AuthressClient(authress_api_url=told["domain"], service_client_access_key=told["accessKey"]).verify_token(told["token"])


def main():
    told = json.loads(sys.argv[1])
    try:
        answer = {"value": {"link": link, "client_token": client_token, "verify": verify}[told["verb"]](told)}
    except Exception as problem:  # pylint: disable=broad-except
        answer = {"problem": f"{type(problem).__name__}: {problem}"}
    print(json.dumps(answer))


main()
