"""A FastAPI application on the unmodified supertokens-python, as one would write it; a process of its own, started by
lib/fastapi.mjs with its options in APP. It is the twin of express/app.mjs: same routes, same words under /sdk."""

import enum
import json
import os
import re

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from supertokens_python import InputAppInfo, RecipeUserId, SupertokensConfig, init
from supertokens_python import asyncio as users
from supertokens_python.framework.fastapi import get_middleware
from supertokens_python.ingredients.emaildelivery.types import EmailDeliveryConfig
from supertokens_python.ingredients.smsdelivery.types import SMSDeliveryConfig
from supertokens_python.recipe import accountlinking, emailverification, multitenancy, passwordless
from supertokens_python.recipe import session, thirdparty, usermetadata, userroles
from supertokens_python.recipe.accountlinking import asyncio as accountlinking_calls
from supertokens_python.recipe.accountlinking.types import ShouldAutomaticallyLink
from supertokens_python.recipe.emailverification import asyncio as emailverification_calls
from supertokens_python.recipe.multitenancy import asyncio as multitenancy_calls
from supertokens_python.recipe.multitenancy.interfaces import TenantConfigCreateOrUpdate
from supertokens_python.recipe.passwordless import asyncio as passwordless_calls
from supertokens_python.recipe.session import SessionContainer
from supertokens_python.recipe.session import asyncio as session_calls
from supertokens_python.recipe.session.framework.fastapi import verify_session
from supertokens_python.recipe.thirdparty import asyncio as thirdparty_calls
from supertokens_python.recipe.thirdparty.provider import ProviderConfig
from supertokens_python.recipe.thirdparty.types import ThirdPartyInfo
from supertokens_python.recipe.usermetadata import asyncio as usermetadata_calls
from supertokens_python.recipe.userroles import asyncio as userroles_calls
from supertokens_python.types.base import AccountInfoInput

OPTIONS = json.loads(os.environ["APP"])
ORIGIN = f"http://127.0.0.1:{OPTIONS['port']}"
DELIVERED = []


def keep(original):
    """Keeps what the SDK gives us to deliver."""

    async def send(message, user_context):
        DELIVERED.append(plain(message))

    if hasattr(original, "send_email"):
        original.send_email = send
    else:
        original.send_sms = send
    return original


def transfer(request, _create, _context):
    return request.get_header("st-auth-mode") or "any"


async def link_verified(_account, _user, _session, _tenant, _context):
    return ShouldAutomaticallyLink(should_require_verification=True)


FEW = [
    passwordless.init(
        contact_config=passwordless.ContactEmailOrPhoneConfig(),
        flow_type="USER_INPUT_CODE_AND_MAGIC_LINK",
        email_delivery=EmailDeliveryConfig(override=keep),
        sms_delivery=SMSDeliveryConfig(override=keep),
    ),
    session.init(get_token_transfer_method=transfer),
]
ROLES = [userroles.init(), emailverification.init(mode="OPTIONAL", email_delivery=EmailDeliveryConfig(override=keep))]
MORE = [thirdparty.init(), usermetadata.init(), multitenancy.init()]
AUTOMATIC = [accountlinking.init(should_do_automatic_account_linking=link_verified)] if OPTIONS.get("linking") else []

init(
    supertokens_config=SupertokensConfig(connection_uri=OPTIONS["core"], api_key=OPTIONS.get("apiKey")),
    app_info=InputAppInfo(app_name="Example", api_domain=ORIGIN, website_domain=ORIGIN, api_base_path="/auth", website_base_path="/auth"),
    framework="fastapi",
    mode="asgi",
    recipe_list={"few": FEW, "linking": FEW + ROLES + AUTOMATIC, "all": FEW + ROLES + MORE + AUTOMATIC}[OPTIONS.get("recipes", "all")],
    telemetry=False,
)

RECIPES = {
    "users": users,
    "session": session_calls,
    "passwordless": passwordless_calls,
    "usermetadata": usermetadata_calls,
    "userroles": userroles_calls,
    "thirdparty": thirdparty_calls,
    "emailverification": emailverification_calls,
    "accountlinking": accountlinking_calls,
    "multitenancy": multitenancy_calls,
}


def snake(name):
    return re.sub(r"[A-Z]", lambda found: "_" + found.group().lower(), name)


def camel(name):
    return re.sub(r"_([a-z])", lambda found: found.group(1).upper(), name)


def account_info(given):
    third = given.get("thirdParty")
    return AccountInfoInput(
        email=given.get("email"),
        phone_number=given.get("phoneNumber"),
        third_party=ThirdPartyInfo(third["userId"], third["id"]) if third else None,
    )


async def call(verb, given):
    """Calls the SDK's function of that name with arguments of those names."""
    recipe, name = verb.split(".")
    ready = {snake(argument): value for argument, value in given.items()}
    if "recipe_user_id" in ready:
        ready["recipe_user_id"] = RecipeUserId(ready["recipe_user_id"])
    if "account_info" in ready:
        ready["account_info"] = account_info(ready["account_info"])
    if name == "createOrUpdateTenant":
        ready["config"] = TenantConfigCreateOrUpdate.from_json(ready.get("config") or {})
    if name == "createOrUpdateThirdPartyConfig":
        ready["config"] = ProviderConfig.from_json(ready["config"])
    if name == "getSessionWithoutRequestResponse":
        ready["anti_csrf_check"] = False
    return await getattr(RECIPES[recipe], snake(name))(**ready)


# Some of the SDK's results say their status by their class alone.
STATUSES = {
    "OkResult": "OK",
    "RestartFlowError": "RESTART_FLOW_ERROR",
    "IncorrectUserInputCodeError": "INCORRECT_USER_INPUT_CODE_ERROR",
    "ExpiredUserInputCodeError": "EXPIRED_USER_INPUT_CODE_ERROR",
    "UserInputCodeAlreadyUsedError": "USER_INPUT_CODE_ALREADY_USED_ERROR",
    "UnknownRoleError": "UNKNOWN_ROLE_ERROR",
    "UnknownUserIdError": "UNKNOWN_USER_ID_ERROR",
    "EmailAlreadyExistsError": "EMAIL_ALREADY_EXISTS_ERROR",
    "PhoneNumberAlreadyExistsError": "PHONE_NUMBER_ALREADY_EXISTS_ERROR",
    "EmailChangeNotAllowedError": "EMAIL_CHANGE_NOT_ALLOWED_ERROR",
    "EmailAlreadyVerifiedError": "EMAIL_ALREADY_VERIFIED_ERROR",
    "VerifyEmailUsingTokenInvalidTokenError": "EMAIL_VERIFICATION_INVALID_TOKEN_ERROR",
}


def status_of(name):
    return next((status for ending, status in STATUSES.items() if name.endswith(ending)), None)


def plain(value):
    """What a function gave, as plain JSON in which both SDKs agree."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, RecipeUserId):
        return value.get_as_string()
    if isinstance(value, SessionContainer):
        return described(value)
    if type(value).__name__ in ("User", "LoginMethod", "ProviderConfig"):
        return plain(value.to_json())
    told = {camel(name): plain(one) for name, one in vars(value).items() if one is not None}
    status = getattr(value, "status", None) or status_of(type(value).__name__)
    return told if status is None else {"status": status, **told}


def described(one):
    tokens = one.get_all_session_tokens_dangerously()
    return {
        "handle": one.get_handle(),
        "userId": one.get_user_id(),
        "recipeUserId": one.get_recipe_user_id().get_as_string(),
        "tenantId": one.get_tenant_id(),
        "payload": one.get_access_token_payload(),
        "accessToken": tokens["accessToken"],
        "refreshToken": tokens["refreshToken"],
    }


app = FastAPI()
app.add_middleware(get_middleware())


@app.get("/me")
async def me(one: SessionContainer = Depends(verify_session())):
    return described(one)


@app.get("/me/checked")
async def me_checked(one: SessionContainer = Depends(verify_session(check_database=True))):
    return described(one)


@app.get("/delivered")
async def delivered():
    return DELIVERED


@app.post("/sdk")
async def sdk(request: Request):
    body = await request.json()
    try:
        return {"result": plain(await call(body["verb"], body["input"]))}
    except Exception as problem:  # Told to the test, whatever it is.
        name = {"TokenTheftError": "TOKEN_THEFT_DETECTED", "TryRefreshTokenError": "TRY_REFRESH_TOKEN", "UnauthorisedError": "UNAUTHORISED"}
        kind = name.get(type(problem).__name__, str(problem))
        return JSONResponse({"problem": kind, "message": str(problem)}, status_code=500)


uvicorn.run(app, host="127.0.0.1", port=OPTIONS["port"], log_level="warning")
