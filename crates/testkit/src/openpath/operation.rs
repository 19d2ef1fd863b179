use elevate_transport::Method;

/// A call of the vendor's API that the model knows, under the vendor's own operation id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `POST /auth/login`
    Login,
    /// `GET /orgs/{org}/users`
    ListUsers,
    /// `POST /orgs/{org}/users/list`
    ListUsersPost,
    /// `GET /orgs/{org}/users/{user}`
    DescribeUser,
    /// `GET /orgs/{org}/users/{user}/credentials`
    ListCredentials,
    /// `GET /orgs/{org}/credentials`
    ListOrgCredentials,
    /// `GET /orgs/{org}/users/{user}/credentials/{credential}`
    DescribeCredential,
    /// `POST /orgs/{org}/users/{user}/credentials`
    CreateCredential,
    /// `GET /orgs/{org}/credentialTypes`
    ListCredentialTypes,
    /// `GET /orgs/{org}/users/{user}/entries`
    ListUserEntries,
    /// `POST /orgs/{org}/users/{user}/credentials/{credential}/cloudKeyEntryUnlock`
    CloudKeyEntryUnlock,
    /// `GET /orgs/{org}/users/{user}/reports/activity`
    GetUserActivity,
    /// `GET /orgs/{org}/effectiveScopes`
    GetEffectivePermissionsForOrg,
    /// `GET /orgs/{org}/features`
    ListOrgFeatures,
    /// `GET /orgs/{org}/entryStates`
    ListEntryStates,
    /// `GET /orgs/{org}/entries`
    ListEntries,
    /// `GET /orgs/{org}/entries/{entry}`
    DescribeEntry,
    /// `GET /orgs/{org}/lockdownPlans`. Its id is a guess.
    ListLockdownPlans,
    /// `POST /orgs/{org}/users`. Never ours to call.
    CreateUser,
    /// `PATCH /orgs/{org}/users/{user}`. Never ours to call.
    UpdateUser,
    /// `DELETE /orgs/{org}/users/{user}`. Never ours to call.
    DeleteUser,
    /// `PATCH /orgs/{org}/users/{user}/credentials/{credential}`. Never ours to call.
    UpdateCredential,
    /// `DELETE /orgs/{org}/users/{user}/credentials/{credential}`. Never ours to call.
    DeleteCredential,
    /// `POST /auth/accessTokens/refresh`: kills the token that others still use. Never ours to call.
    RefreshLogin,
    /// `POST /auth/logout`. Never ours to call: other processes use the same account.
    Logout,
    /// `POST /auth/accessTokens/{token}/validate`: puts a token in a URL. Never ours to call.
    ValidateAccessToken,
    /// `POST …/credentials/{credential}/generateCloudKeyUnlockToken`: a guest pass. Not ours to call.
    GenerateCloudKeyUnlockToken,
    /// `POST /tokens/cloudKeyUnlockTokens/{token}/use`: a guest pass used. Not ours to call.
    UseCloudKeyUnlockToken,
}

impl Operation {
    /// The vendor's operation id, such as `cloudKeyEntryUnlock`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::ListUsers => "listUsers",
            Self::ListUsersPost => "listUsersPost",
            Self::DescribeUser => "describeUser",
            Self::ListCredentials => "listCredentials",
            Self::ListOrgCredentials => "listOrgCredentials",
            Self::DescribeCredential => "describeCredential",
            Self::CreateCredential => "createCredential",
            Self::ListCredentialTypes => "listCredentialTypes",
            Self::ListUserEntries => "listUserEntries",
            Self::CloudKeyEntryUnlock => "cloudKeyEntryUnlock",
            Self::GetUserActivity => "getUserActivity",
            Self::GetEffectivePermissionsForOrg => "getEffectivePermissionsForOrg",
            Self::ListOrgFeatures => "listOrgFeatures",
            Self::ListEntryStates => "listEntryStates",
            Self::ListEntries => "listEntries",
            Self::DescribeEntry => "describeEntry",
            Self::ListLockdownPlans => "listLockdownPlans",
            Self::CreateUser => "createUser",
            Self::UpdateUser => "updateUser",
            Self::DeleteUser => "deleteUser",
            Self::UpdateCredential => "updateCredential",
            Self::DeleteCredential => "deleteCredential",
            Self::RefreshLogin => "refreshLogin",
            Self::Logout => "logout",
            Self::ValidateAccessToken => "validateAccessToken",
            Self::GenerateCloudKeyUnlockToken => "generateCloudKeyUnlockToken",
            Self::UseCloudKeyUnlockToken => "useCloudKeyUnlockToken",
        }
    }

    /// Whether a service that opens doors for residents has no business calling this: it writes what
    /// is not ours, breaks a token that others use, or shows one in a URL.
    pub const fn is_forbidden(self) -> bool {
        matches!(
            self,
            Self::CreateUser
                | Self::UpdateUser
                | Self::DeleteUser
                | Self::UpdateCredential
                | Self::DeleteCredential
                | Self::RefreshLogin
                | Self::Logout
                | Self::ValidateAccessToken
                | Self::GenerateCloudKeyUnlockToken
                | Self::UseCloudKeyUnlockToken
        )
    }

    /// Whether it is called without a token.
    pub(super) const fn is_open(self) -> bool {
        matches!(self, Self::Login | Self::ValidateAccessToken | Self::UseCloudKeyUnlockToken)
    }
}

/// A request's operation and the ids in its path, as text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) operation: Operation,
    pub(super) org: Option<&'a str>,
    pub(super) user: Option<&'a str>,
    pub(super) credential: Option<&'a str>,
    pub(super) entry: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// What is called, or nothing if the vendor has no such route.
    pub(super) fn of(method: &Method, path: &'a str) -> Option<Self> {
        use Operation as Op;

        let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let call = |operation, org, user, credential| Self {
            operation,
            org,
            user,
            credential,
            entry: None,
        };
        let plain = |operation| call(operation, None, None, None);
        Some(match (method.as_str(), parts.as_slice()) {
            ("POST", ["auth", "login"]) => plain(Op::Login),
            ("POST", ["auth", "logout"]) => plain(Op::Logout),
            ("POST", ["auth", "accessTokens", "refresh"]) => plain(Op::RefreshLogin),
            ("POST", ["auth", "accessTokens", _, "validate"]) => plain(Op::ValidateAccessToken),
            ("POST", ["tokens", "cloudKeyUnlockTokens", _, "use"]) => {
                plain(Op::UseCloudKeyUnlockToken)
            }
            (method, ["orgs", org, rest @ ..]) => {
                let org = Some(*org);
                match (method, rest) {
                    ("GET", ["users"]) => call(Op::ListUsers, org, None, None),
                    ("POST", ["users"]) => call(Op::CreateUser, org, None, None),
                    ("POST", ["users", "list"]) => call(Op::ListUsersPost, org, None, None),
                    ("GET", ["credentials"]) => call(Op::ListOrgCredentials, org, None, None),
                    ("GET", ["credentialTypes"]) => call(Op::ListCredentialTypes, org, None, None),
                    ("GET", ["effectiveScopes"]) => {
                        call(Op::GetEffectivePermissionsForOrg, org, None, None)
                    }
                    ("GET", ["features"]) => call(Op::ListOrgFeatures, org, None, None),
                    ("GET", ["entryStates"]) => call(Op::ListEntryStates, org, None, None),
                    ("GET", ["lockdownPlans"]) => call(Op::ListLockdownPlans, org, None, None),
                    ("GET", ["entries"]) => call(Op::ListEntries, org, None, None),
                    ("GET", ["entries", entry]) => {
                        Self { entry: Some(*entry), ..call(Op::DescribeEntry, org, None, None) }
                    }
                    ("GET", ["users", user, "reports", "activity"]) => {
                        call(Op::GetUserActivity, org, Some(user), None)
                    }
                    (method, ["users", user]) => {
                        let operation = match method {
                            "GET" => Op::DescribeUser,
                            "PATCH" => Op::UpdateUser,
                            "DELETE" => Op::DeleteUser,
                            _ => return None,
                        };
                        call(operation, org, Some(user), None)
                    }
                    ("GET", ["users", user, "entries"]) => {
                        call(Op::ListUserEntries, org, Some(user), None)
                    }
                    ("GET", ["users", user, "credentials"]) => {
                        call(Op::ListCredentials, org, Some(user), None)
                    }
                    ("POST", ["users", user, "credentials"]) => {
                        call(Op::CreateCredential, org, Some(user), None)
                    }
                    (method, ["users", user, "credentials", credential, rest @ ..]) => {
                        let operation = match (method, rest) {
                            ("GET", []) => Op::DescribeCredential,
                            ("PATCH", []) => Op::UpdateCredential,
                            ("DELETE", []) => Op::DeleteCredential,
                            ("POST", ["cloudKeyEntryUnlock"]) => Op::CloudKeyEntryUnlock,
                            ("POST", ["generateCloudKeyUnlockToken"]) => {
                                Op::GenerateCloudKeyUnlockToken
                            }
                            _ => return None,
                        };
                        call(operation, org, Some(user), Some(credential))
                    }
                    _ => return None,
                }
            }
            _ => return None,
        })
    }
}
