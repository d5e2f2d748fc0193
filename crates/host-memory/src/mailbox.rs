//! Mail in a list.

use host::{Address, Mailbox, Mailed, Unavailable};
use oauth::Timestamp;

use crate::MemoryHost;

/// A message that waits.
pub(crate) struct Mail {
    to: Address,
    message: String,
    deadline: Timestamp,
}

impl MemoryHost {
    /// How many messages wait, and how many sessions were ended.
    #[must_use]
    pub fn mail_counts(&self) -> (usize, usize) {
        let (mail, ended) = (&self.state.mail, &self.state.ended);
        (mail.borrow().len(), ended.borrow().len())
    }
}

impl Mailbox for MemoryHost {
    async fn mail(
        &self,
        to: &Address,
        message: &str,
        deadline: Timestamp,
    ) -> Result<Mailed, Unavailable> {
        let store = self.store()?;
        if store.ended.borrow().contains_key(&to.session) {
            return Ok(Mailed::Ended);
        }
        store.mail.borrow_mut().push(Mail {
            to: to.clone(),
            message: message.to_owned(),
            deadline,
        });
        Ok(Mailed::Waiting)
    }

    async fn waiting(&self, now: Timestamp) -> Result<Vec<Address>, Unavailable> {
        let mut waiting: Vec<Address> = Vec::new();
        for mail in self.store()?.mail.borrow().iter() {
            if now < mail.deadline && !waiting.contains(&mail.to) {
                waiting.push(mail.to.clone());
            }
        }
        Ok(waiting)
    }

    async fn collect(
        &self,
        addresses: &[Address],
        now: Timestamp,
    ) -> Result<Vec<(Address, String)>, Unavailable> {
        let mut mail = self.store()?.mail.borrow_mut();
        let wanted = |mail: &mut Mail| addresses.contains(&mail.to) && now < mail.deadline;
        let taken = mail.extract_if(.., wanted);
        Ok(taken.map(|mail| (mail.to, mail.message)).collect())
    }

    async fn end(&self, address: &Address, until: Timestamp) -> Result<(), Unavailable> {
        let store = self.store()?;
        store.mail.borrow_mut().retain(|mail| mail.to != *address);
        let mut ended = store.ended.borrow_mut();
        ended.insert(address.session.clone(), until);
        Ok(())
    }

    async fn has_ended(&self, address: &Address) -> Result<bool, Unavailable> {
        Ok(self.store()?.ended.borrow().contains_key(&address.session))
    }

    async fn sweep_mail(&self, over: Timestamp, limit: u32) -> Result<(), Unavailable> {
        let store = self.store()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut mail = store.mail.borrow_mut();
        let late = mail.extract_if(.., |mail| mail.deadline < over);
        late.take(limit).for_each(drop);
        let mut ended = store.ended.borrow_mut();
        let late = ended.extract_if(.., |_, until| *until < over);
        late.take(limit).for_each(drop);
        Ok(())
    }
}
