//! Service chaining: `http://<component>.spin.internal`.

use bytes::Bytes;
use host::{Chain, Unavailable};
use http::uri::{Authority, Scheme, Uri};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};

use crate::SpinHost;
use crate::audit::unavailable;

/// No answer between our own components is larger.
const LIMIT: usize = 1 << 20;

impl Chain for SpinHost {
    async fn ask(
        &self,
        component: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Unavailable> {
        let (mut head, body) = request.into_parts();
        head.uri = internal(component, &head.uri).ok_or(Unavailable)?;
        let request = Request::from_parts(head, Full::new(body));
        let answer = spin_sdk::http::send(request)
            .await
            .map_err(|error| unavailable(component, &error))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, LIMIT)
            .collect()
            .await
            .map_err(|error| unavailable(component, &error))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}

pub(crate) fn internal(component: &str, uri: &Uri) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(Authority::try_from(format!("{component}.spin.internal")).ok()?);
    Uri::from_parts(parts).ok()
}
